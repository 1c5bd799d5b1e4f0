/// The variables that a stack declares.
extension StackDecoder {
  private static let variableFields = ["type", "default", "min", "max", "choices", "doc"]

  mutating func variables(_ node: YAMLNode, into variables: inout OrderedMap<VariableDeclaration>) {
    var result = variables
    let decoded = mapping(node, as: .variables) { decoder, key, value in
      guard let name = decoder.key(key) else { return }
      decoder.inside(.key(name), key: key, value: value) { decoder in
        guard Self.isVariableName(name) else {
          decoder.error(
            .invalidValue, at: key, "a variable's name has letters, digits, _, - and ., and begins with a letter or _")
          return
        }
        // Nothing said of it: a text that a run has to be given.
        switch decoder.variable(value) {
        case .value(let variable): result[name] = variable
        case .null: result[name] = VariableDeclaration(.string)
        case .failed: break
        }
      }
    }
    variables = if case .null = decoded { [:] } else { result }
  }

  private static func isVariableName(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first, first == "_" || first.isASCIILetter else { return false }
    return name.unicodeScalars.allSatisfy { scalar in
      scalar.isASCIILetter || ("0"..."9").contains(scalar) || "_-.".unicodeScalars.contains(scalar)
    }
  }

  /// Where in a declaration the values stand that its type and bounds decide about.
  private struct VariablePlaces {
    var standard: YAMLNode?
    var minimum: YAMLNode?
    var maximum: YAMLNode?
    var choices: YAMLNode?
  }

  private mutating func variable(_ node: YAMLNode) -> Decoded<VariableDeclaration> {
    var variable = VariableDeclaration(.string)
    var places = VariablePlaces()
    var isBroken = false
    let decoded = mapping(node, as: .variable) { decoder, key, value in
      guard let name = decoder.key(key) else { return }
      decoder.inside(.key(name), key: key, value: value) { decoder in
        switch name {
        case "type":
          if let kind = decoder.variableKind(value) { variable.kind = kind } else { isBroken = true }
        case "default": places.standard = value
        case "min":
          variable.minimum = decoder.bound(value)
          places.minimum = value
        case "max":
          variable.maximum = decoder.bound(value)
          places.maximum = value
        case "choices": places.choices = value
        case "doc": decoder.assign(decoder.text(value), to: &variable.doc, empty: "")
        default: decoder.unknown(name, key: key, among: Self.variableFields)
        }
      }
    }
    if case .value = decoded, !isBroken { values(of: &variable, places) }
    return decoded.map { variable }
  }

  private mutating func variableKind(_ node: YAMLNode) -> VariableDeclaration.Kind? {
    let name: String
    switch text(node) {
    case .value(let text): name = text
    case .null: return .string
    case .failed: return nil
    }
    if let kind = VariableDeclaration.Kind(rawValue: name) { return kind }
    let known = VariableDeclaration.Kind.allCases.map(\.rawValue)
    let nearest = NearestName.to(name, among: known).map { ", did you mean \($0)?" } ?? ""
    error(
      .invalidValue, at: node, "unknown type \"\(name.shortened)\"",
      hint: "one of \(known.joined(separator: ", "))\(nearest)")
    return nil
  }

  /// One that is no number at all is told, and holds nothing up.
  private mutating func bound(_ node: YAMLNode) -> Double? {
    guard case .value(let number) = number(node) else { return nil }
    guard number.isFinite else {
      error(.invalidValue, at: node, "must be a number that has an end")
      return nil
    }
    return number
  }

  /// Takes default and choices, now that it is known what they may be.
  private mutating func values(of variable: inout VariableDeclaration, _ places: VariablePlaces) {
    switch variable.kind {
    case .integer, .number: break
    case .string, .boolean:
      for (name, node) in [("min", places.minimum), ("max", places.maximum)] {
        guard let node else { continue }
        inside(.key(name), value: node) { decoder in
          decoder.error(.invalidValue, at: node, "only numbers have \(name)", hint: "type: integer, or type: number")
        }
      }
      (variable.minimum, variable.maximum) = (nil, nil)
    }
    if let least = variable.minimum, let most = variable.maximum, least > most, let node = places.maximum {
      inside(.key("max"), value: node) { decoder in
        decoder.error(.invalidValue, at: node, "it is below min, which is \(VariableDeclaration.text(least))")
      }
      return
    }
    if let node = places.choices {
      let range = variable
      variable.choices = inside(.key("choices"), value: node) { $0.choices(node, range) }
    }
    if let node = places.standard {
      let range = variable
      variable.standard = inside(.key("default"), value: node) { $0.value(node, range) }
    }
  }

  private mutating func choices(_ node: YAMLNode, _ variable: VariableDeclaration) -> [String] {
    let decoded = list(node, as: .texts, empty: nil) { decoder, item -> Decoded<String?> in
      .value(decoder.value(item, variable))
    }
    return if case .value(let choices) = decoded { choices.compactMap(\.self) } else { [] }
  }

  /// Nil for null, and for what cannot be a value of the variable, which is told.
  private mutating func value(_ node: YAMLNode, _ variable: VariableDeclaration) -> String? {
    guard case .value(let text) = valueText(node, variable.kind) else { return nil }
    guard variable.allows(text) else {
      error(.invalidValue, at: node, "it must be \(variable.allowed)")
      return nil
    }
    return text
  }

  /// Any scalar as written; of Lua one of the variable's type.
  private mutating func valueText(_ node: YAMLNode, _ kind: VariableDeclaration.Kind) -> Decoded<String> {
    guard isLua else { return text(node) }
    let target: DecodingTarget =
      switch kind {
      case .string: .text
      case .integer: .wholeNumber
      case .number: .number
      case .boolean: .boolean
      }
    return scalar(node, as: target) { resolution, scalar in
      switch (kind, resolution.value) {
      case (.string, .string(let text)): text
      case (.integer, .integer), (.number, .integer), (.number, .float), (.boolean, .boolean): scalar.text
      case (.integer, .float(let value)): Int64(exactly: value).map { "\($0)" }
      default: nil
      }
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isASCIILetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
}
