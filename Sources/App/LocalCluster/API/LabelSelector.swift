import JSON

/// The query parameter `label` of `GET /v2/apps`: `a==b`, `a!=b`, `a`, `a in (b,c)`, `a notin (b)`; a comma means and.
struct LabelSelector: Sendable, Hashable {
  private enum Rule: Sendable, Hashable {
    case exists(String)
    case isIn(String, [String])
    case isNotIn(String, [String])
  }

  private var rules: [Rule]

  init(_ text: String) throws(ClusterFault) {
    var scanner = Scanner(rest: text[...])
    var rules: [Rule] = []
    repeat {
      guard let rule = scanner.rule() else {
        throw ClusterFault(
          status: 422,
          message: "Can not parse label selector \(text). Reason: a selector was expected at '\(scanner.rest)'")
      }
      rules.append(rule)
    } while scanner.take(",")
    scanner.skipBlanks()
    guard scanner.rest.isEmpty else {
      let found = scanner.rest.first.map(String.init) ?? ""
      throw ClusterFault(
        status: 422, message: "Can not parse label selector \(text). Reason: ',' expected but '\(found)' found")
    }
    self.rules = rules
  }

  func matches(_ labels: JSONObject) -> Bool {
    rules.allSatisfy { rule in
      switch rule {
      case .exists(let name): labels[name] != nil
      case .isIn(let name, let values): labels[name]?.stringValue.map(values.contains) ?? false
      case .isNotIn(let name, let values): labels[name]?.stringValue.map { !values.contains($0) } ?? false
      }
    }
  }

  private struct Scanner {
    var rest: Substring

    mutating func skipBlanks() { while rest.first == " " { rest = rest.dropFirst() } }

    mutating func take(_ text: String) -> Bool {
      skipBlanks()
      guard rest.hasPrefix(text) else { return false }
      rest = rest.dropFirst(text.count)
      return true
    }

    /// A name or value: letters, digits, `-`, `_`, `.`, `/`, and whatever a backslash escapes.
    mutating func term() -> String? {
      skipBlanks()
      var term = ""
      while let next = rest.first {
        if next == "\\", let escaped = rest.dropFirst().first {
          term.append(escaped)
          rest = rest.dropFirst(2)
        } else if next.isLetter || next.isNumber || "-_./:".contains(next) {
          term.append(next)
          rest = rest.dropFirst()
        } else {
          break
        }
      }
      return term.isEmpty ? nil : term
    }

    mutating func rule() -> Rule? {
      guard let name = term() else { return nil }
      if take("==") { return term().map { .isIn(name, [$0]) } }
      if take("!=") { return term().map { .isNotIn(name, [$0]) } }
      if take("notin") { return set().map { .isNotIn(name, $0) } }
      if take("in") { return set().map { .isIn(name, $0) } }
      return .exists(name)
    }

    private mutating func set() -> [String]? {
      guard take("(") else { return nil }
      var values: [String] = []
      repeat {
        guard let value = term() else { return nil }
        values.append(value)
      } while take(",")
      return take(")") ? values : nil
    }
  }
}
