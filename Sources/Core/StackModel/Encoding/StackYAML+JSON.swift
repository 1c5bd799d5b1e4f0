package import JSON

extension StackYAML {
  /// Any JSON value as a YAML document. Reading it back as YAML 1.1 gives the same value.
  package static func text(_ json: JSON) -> String {
    YAMLWriter.write(YAMLValue(json))
  }
}

extension YAMLValue {
  fileprivate init(_ json: JSON) {
    self =
      switch json {
      case .string(let text): .text(text)
      case .array(let items): .sequence(items.map(YAMLValue.init))
      case .object(let object): .mapping(object.map { Entry(key: .text($0.key), value: YAMLValue($0.value)) })
      case .null, .bool, .integer, .number, .bigNumber: .bare(json.text)
      }
  }
}
