import JSON

/// The names of the fields are those of YAML and Lua.
extension VariableDeclaration {
  var json: JSON {
    var object: JSONObject = ["type": .string(kind.rawValue)]
    if let standard { object["default"] = .string(standard) }
    if let minimum { object["min"] = .number(minimum) }
    if let maximum { object["max"] = .number(maximum) }
    if !choices.isEmpty { object["choices"] = .array(choices.map { .string($0) }) }
    object.set("doc", doc)
    return .object(object)
  }

  init(_ place: JSONPlace) throws(JSONDecodingError) {
    guard let type = place["type"], let kind = Kind(rawValue: try type.string()) else {
      throw place.mismatch("a variable's type")
    }
    self.init(
      kind, standard: try place["default"]?.string(), minimum: try place["min"]?.double(),
      maximum: try place["max"]?.double(), choices: try place["choices"]?.strings() ?? [],
      doc: try place["doc"]?.string() ?? "")
  }
}

extension YAMLValue {
  init(_ variable: VariableDeclaration) {
    var fields = YAMLFields()
    fields.add("type", variable.kind.rawValue)
    // Numbers and booleans are written bare, as authors do; what is none of its kind stays a text.
    func value(_ text: String) -> YAMLValue {
      variable.kind == .string || !variable.isOfKind(text) ? .text(text) : .bare(text)
    }
    if let standard = variable.standard { fields.add("default", value: value(standard)) }
    if let minimum = variable.minimum { fields.add("min", value: .bare(VariableDeclaration.text(minimum))) }
    if let maximum = variable.maximum { fields.add("max", value: .bare(VariableDeclaration.text(maximum))) }
    if !variable.choices.isEmpty { fields.add("choices", value: .sequence(variable.choices.map(value))) }
    fields.add("doc", variable.doc)
    self = fields.value
  }
}
