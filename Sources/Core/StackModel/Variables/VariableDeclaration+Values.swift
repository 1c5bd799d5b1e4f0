extension VariableDeclaration {
  /// Whether a run may be given this value. Numbers are decimal; a boolean is `true` or `false`.
  package func allows(_ value: String) -> Bool {
    guard choices.isEmpty || choices.contains(value) else { return false }
    return isOfKind(value)
  }

  /// As `allows`, whatever the choices are.
  func isOfKind(_ value: String) -> Bool {
    let number: Double
    switch kind {
    case .string: return true
    case .boolean: return value == "true" || value == "false"
    case .integer:
      guard let whole = Int(value) else { return false }
      number = Double(whole)
    case .number:
      // `Double` takes more than people mean by a number, such as `infinity` and `0x1p3`.
      guard value.utf8.allSatisfy(Self.isOfNumbers), let parsed = Double(value), parsed.isFinite else { return false }
      number = parsed
    }
    return number >= minimum ?? -.infinity && number <= maximum ?? .infinity
  }

  private static func isOfNumbers(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  /// What a value may be, for `must be …`: `a whole number from 1 to 32`.
  package var allowed: String {
    if !choices.isEmpty { return "one of \(choices.joined(separator: ", ").shortened)" }
    let name =
      switch kind {
      case .string: "a text"
      case .integer: "a whole number"
      case .number: "a number"
      case .boolean: "true or false"
      }
    switch (minimum.map(Self.text), maximum.map(Self.text)) {
    case (let least?, let most?): return "\(name) from \(least) to \(most)"
    case (let least?, nil): return "\(name), at least \(least)"
    case (nil, let most?): return "\(name), at most \(most)"
    case (nil, nil): return name
    }
  }

  /// As an author writes it: 3, not 3.0.
  static func text(_ number: Double) -> String { Int(exactly: number).map { "\($0)" } ?? "\(number)" }
}

extension VariableDeclaration {
  /// What runs set themselves, so that nobody can declare it.
  static let reserved = ["stack", "zone", "mesos.master"]

  /// Why a stack with these applications cannot declare a variable of the name; `nil` where it can.
  ///
  /// - Parameter applications: their ids.
  static func problem(of name: String, applications: some Sequence<String>) -> String? {
    if reserved.contains(name) { return "every run sets the variable \(name) itself; take another name" }
    if let id = applications.first(where: { !$0.isEmpty && name.hasPrefix("\($0).") }) {
      return "variables that begin with \(id). are set by the application \(id); take another name"
    }
    return nil
  }
}

extension Stack {
  /// The values that variables have which a run is given none for.
  package var declaredDefaults: OrderedMap<String> {
    OrderedMap(variables.compactMap { name, variable in variable.standard.map { (name, $0) } })
  }

  /// Declared names that the stack cannot have, with what is wrong with each.
  package func problemsOfVariables() -> [(name: String, problem: String)] {
    let ids = applications.values.map(\.id)
    return variables.keys.compactMap { name in
      VariableDeclaration.problem(of: name, applications: ids).map { (name, $0) }
    }
  }
}
