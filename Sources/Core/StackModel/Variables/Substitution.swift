extension Variables {
  /// The longest text that substitution may give, in bytes: a few variables that contain each other several times
  /// would otherwise fill the memory.
  package static let textLimit = 1 << 20

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
  private var resolved: [String: String] = [:]
  private var path: [String] = []
  private var unresolved: [String] = []

  init(variables: Variables) {
    self.variables = variables
  }

  mutating func replaceAll(in text: String) throws(VariableError) -> String {
    unresolved = []
    let result = try replace(in: text)
    if let first = unresolved.first {
      throw .unresolved(unresolved, nearest: NearestName.to(first, among: variables.names))
    }
    return result
  }

  private mutating func replace(in text: String) throws(VariableError) -> String {
    guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
    let dollar = UInt8(ascii: "$")
    var output: [UInt8] = []
    // Where in the output the names begin whose closing brace has not come yet; the innermost one last.
    var openNames: [Int] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "{") where output.last == dollar:
        output.append(byte)
        openNames.append(output.count)
      case UInt8(ascii: "}"):
        guard let start = openNames.popLast() else {
          output.append(byte)
          break
        }
        let name = String(decoding: output[start...], as: UTF8.self)
        if let value = try value(of: name) {
          output.removeSubrange((start - 2)...)
          output += value.utf8
        } else {
          // Only a name on one line was meant as a variable; the original lets the others pass.
          if !name.utf8.contains(UInt8(ascii: "\n")) { note(unresolved: name) }
          output.append(byte)
        }
      default:
        output.append(byte)
      }
      guard output.count <= Variables.textLimit else { throw .tooLong(limit: Variables.textLimit) }
    }
    return String(decoding: output, as: UTF8.self)
  }

  private mutating func value(of name: String) throws(VariableError) -> String? {
    if let known = resolved[name] { return known }
    guard let (value, _) = variables.lookup(name) else { return nil }
    if let start = path.firstIndex(of: name) { throw .cycle(path[start...] + [name]) }
    path.append(name)
    let result = try replace(in: value)
    path.removeLast()
    resolved[name] = result
    return result
  }

  private mutating func note(unresolved name: String) {
    if !unresolved.contains(name) { unresolved.append(name) }
  }
}
