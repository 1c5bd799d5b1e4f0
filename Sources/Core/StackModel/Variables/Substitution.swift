extension Variables {
  /// The longest text that substitution may give, in bytes: a few variables that contain each other several times
  /// would otherwise fill the memory.
  package static let textLimit = 1 << 20

  /// How much text substitution may make for one application, in bytes.
  package static let applicationLimit = 8 << 20

  /// How deep variables may contain each other.
  package static let depthLimit = 100

  /// The text with every `${name}` replaced by the variable's value, in which variables are replaced as well.
  ///
  /// Names may be made of other variables (`${${which}}`): inner ones are replaced first. There is no escape. `${`
  /// without a closing brace on the same line is no variable; nor are `$HOST`, `$PORT0` and the like, which Mesos
  /// replaces.
  package func substitute(in text: String) throws(VariableError) -> String {
    var substitution = Substitution(variables: self)
    return try substitution.replaceAll(in: text)
  }
}

/// One substitution: remembers the values already worked out, and the way to the one that it works on.
struct Substitution {
  let variables: Variables
  /// Of all variables, in bytes. Looked for where a text names one: each application adds some, and most texts name none.
  private lazy var longestName = Variables.Scope.allCases.reduce(0) { longest, scope in
    variables[scope].keys.reduce(longest) { max($0, $1.utf8.count) }
  }
  private var resolved: [String: String] = [:]
  private var path: [String] = []
  private var unresolved = UnresolvedNames()
  private var made = 0

  init(variables: Variables) {
    self.variables = variables
  }

  /// Nothing more can be replaced for this application.
  var isExhausted: Bool { made > Variables.applicationLimit }

  mutating func replaceAll(in text: String) throws(VariableError) -> String {
    unresolved = UnresolvedNames()
    path = []
    let result = try replace(in: text)
    if let first = unresolved.names.first {
      throw .unresolved(unresolved.names, nearest: NearestName.to(first, among: variables.names))
    }
    return result
  }

  /// A name whose closing brace has not come yet.
  private struct OpenName {
    /// Where in the output it begins.
    var start: Int
    /// A variable inside it is unknown. That one is told; what its name would have become a part of is not.
    var isBroken = false
  }

  private mutating func replace(in text: String) throws(VariableError) -> String {
    guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
    let dollar = UInt8(ascii: "$")
    var output: [UInt8] = []
    // The innermost one last.
    var openNames: [OpenName] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "{") where output.last == dollar:
        output.append(byte)
        openNames.append(OpenName(start: output.count))
      case UInt8(ascii: "}"):
        guard let name = openNames.popLast() else {
          output.append(byte)
          break
        }
        if let value = try value(of: name, in: output) {
          output.removeSubrange((name.start - 2)...)
          output += value.utf8
        } else {
          output.append(byte)
          if !openNames.isEmpty { openNames[openNames.count - 1].isBroken = true }
        }
      default:
        output.append(byte)
      }
      guard output.count <= Variables.textLimit else { throw .tooLong(limit: Variables.textLimit) }
    }
    made += output.count
    guard !isExhausted else { throw .tooMuch(limit: Variables.applicationLimit) }
    return String(decoding: output, as: UTF8.self)
  }

  /// The value of a name that ends with the output; nil for none, which is noted.
  private mutating func value(of name: OpenName, in output: [UInt8]) throws(VariableError) -> String? {
    // Names that no variable has need not be made: text of braces only would give very many long ones.
    if output.count - name.start <= longestName,
      let value = try value(of: String(decoding: output[name.start...], as: UTF8.self))
    {
      return value
    }
    // Only a name on one line was meant as a variable; the original lets the others pass.
    if !name.isBroken, !output[name.start...].contains(UInt8(ascii: "\n")) {
      unresolved.note(output[name.start...])
    }
    return nil
  }

  private mutating func value(of name: String) throws(VariableError) -> String? {
    if let known = resolved[name] { return known }
    guard let (value, _) = variables.lookup(name) else { return nil }
    if let start = path.firstIndex(of: name) { throw .cycle(path[start...] + [name]) }
    guard path.count < Variables.depthLimit else { throw .tooDeep(limit: Variables.depthLimit) }
    path.append(name)
    let result = try replace(in: value)
    path.removeLast()
    resolved[name] = result
    return result
  }
}

/// The unknown names of a text, each once, in its order, and no more of them than anybody reads.
private struct UnresolvedNames {
  private static let limit = 20
  private(set) var names: [String] = []

  mutating func note(_ bytes: ArraySlice<UInt8>) {
    guard names.count < Self.limit else { return }
    let name = String(decoding: bytes, as: UTF8.self)
    if !names.contains(name) { names.append(name) }
  }
}
