/// A YAML value ready to be written: mappings in the order in which they shall stand.
indirect enum YAMLValue {
  /// Text that is written bare unless its characters forbid it: numbers, `true`, `null`.
  case bare(String)
  /// Text that must be read back as text, so it is quoted where it would be something else.
  case text(String)
  case sequence([YAMLValue])
  case mapping([Entry])

  struct Entry {
    var key: YAMLValue
    var value: YAMLValue
  }

  static func float(_ value: Double) -> YAMLValue {
    switch value {
    case .infinity: .bare(".inf")
    case -.infinity: .bare("-.inf")
    case _ where value.isNaN: .bare(".nan")
    default: .bare(GoNumber.text(value))
    }
  }
}
