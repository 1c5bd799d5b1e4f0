extension Option {
  /// A value of any kind.
  /// - Parameters:
  ///   - names: without dashes; several are equal.
  ///   - placeholder: what stands for the value in the help.
  ///   - defaultText: how the help shows the default; `nil`: not at all.
  ///   - parse: a reason instead of a value is shown with the text that was given.
  package static func value(
    _ names: String..., help: String, placeholder: String, default defaultValue: Value, defaultText: String? = nil,
    completion: Completion = .nothing, isHidden: Bool = false,
    parse: @escaping @Sendable (String) throws(InvalidValue) -> Value
  ) -> Option {
    Option(
      OptionDeclaration(
        names: names, help: help, placeholder: placeholder, defaultText: defaultText, isRepeated: false,
        completion: completion, isHidden: isHidden
      ) { (text, _) throws(InvalidValue) in try parse(text) },
      default: defaultValue)
  }

  /// A value that may be given several times; each one counts, in their order.
  package static func repeated<Element: Sendable>(
    _ names: String..., help: String, placeholder: String, completion: Completion = .nothing,
    parse: @escaping @Sendable (String) throws(InvalidValue) -> Element
  ) -> Option where Value == [Element] {
    Option(
      OptionDeclaration(
        names: names, help: help, placeholder: placeholder, defaultText: nil, isRepeated: true, completion: completion,
        isHidden: false
      ) { (text, before) throws(InvalidValue) in (before as? [Element] ?? []) + [try parse(text)] },
      default: [])
  }
}

extension Option where Value == Bool {
  /// `--name`, `--name=true` or `--name=false`.
  package static func flag(_ names: String..., help: String, default defaultValue: Bool = false) -> Option {
    Option(
      OptionDeclaration(
        names: names, help: help, placeholder: nil, defaultText: defaultValue ? "true" : nil, isRepeated: false,
        completion: .nothing, isHidden: false
      ) { (text, _) throws(InvalidValue) in try GoValue.bool(text) },
      default: defaultValue)
  }
}

extension Option where Value == String {
  package static func string(
    _ names: String..., help: String, placeholder: String = "TEXT", default defaultValue: String,
    completion: Completion = .nothing
  ) -> Option {
    Option(
      OptionDeclaration(
        names: names, help: help, placeholder: placeholder, defaultText: defaultValue.isEmpty ? nil : defaultValue,
        isRepeated: false, completion: completion, isHidden: false
      ) { (text, _) throws(InvalidValue) in text },
      default: defaultValue)
  }
}

extension Option where Value == String? {
  package static func string(
    _ names: String..., help: String, placeholder: String = "TEXT", completion: Completion = .nothing
  ) -> Option {
    Option(
      OptionDeclaration(
        names: names, help: help, placeholder: placeholder, defaultText: nil, isRepeated: false, completion: completion,
        isHidden: false
      ) { (text, _) throws(InvalidValue) in Optional(text) },
      default: nil)
  }
}

extension Option where Value == Int {
  package static func integer(
    _ names: String..., help: String, placeholder: String = "N", default defaultValue: Int,
    in range: ClosedRange<Int> = Int.min...Int.max
  ) -> Option {
    Option(
      OptionDeclaration(
        names: names, help: help, placeholder: placeholder, defaultText: String(defaultValue), isRepeated: false,
        completion: .nothing, isHidden: false
      ) { (text, _) throws(InvalidValue) in try GoValue.integer(text, in: range) },
      default: defaultValue)
  }
}

extension Option where Value == Int? {
  package static func integer(
    _ names: String..., help: String, placeholder: String = "N", in range: ClosedRange<Int> = Int.min...Int.max
  ) -> Option {
    Option(
      OptionDeclaration(
        names: names, help: help, placeholder: placeholder, defaultText: nil, isRepeated: false, completion: .nothing,
        isHidden: false
      ) { (text, _) throws(InvalidValue) in Optional(try GoValue.integer(text, in: range)) },
      default: nil)
  }
}

extension Option where Value == Duration {
  /// As Go writes durations: `10s`, `1h30m`, `500ms`.
  package static func duration(
    _ names: String..., help: String, default defaultValue: Duration, defaultText: String
  ) -> Option {
    Option(
      OptionDeclaration(
        names: names, help: help, placeholder: "DURATION", defaultText: defaultText, isRepeated: false,
        completion: .nothing, isHidden: false
      ) { (text, _) throws(InvalidValue) in try GoValue.duration(text) },
      default: defaultValue)
  }
}

extension Option where Value: CaseIterable & RawRepresentable<String> {
  /// One of the cases.
  package static func choice(_ names: String..., help: String, default defaultValue: Value) -> Option {
    let words = Value.allCases.map(\.rawValue)
    return Option(
      OptionDeclaration(
        names: names, help: help, placeholder: words.joined(separator: "|"), defaultText: defaultValue.rawValue,
        isRepeated: false, completion: .words(words), isHidden: false
      ) { (text, _) throws(InvalidValue) in
        guard let value = Value(rawValue: text) else {
          throw InvalidValue("must be one of \(words.joined(separator: ", "))")
        }
        return value
      },
      default: defaultValue)
  }
}
