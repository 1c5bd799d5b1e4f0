/// A pattern of what scripts may call: an operation, and behind a `:` what it works on.
///
/// `marathon.deploy:/prod/kafka/*`, `http:*.internal:8080`, `shell`, `cassandra.*`, `*`. A module alone stands for all its
/// functions, and `*` for any text, also with `/` and `.` in it. What an `http` operation works on is a host, and a
/// port if it is not any: ``HostPattern``.
package struct Grant: Sendable, Hashable {
  /// As it was written.
  package let text: String
  private let operation: String
  private let operations: Wildcard
  private let resource: Resource?

  private enum Resource: Sendable, Hashable {
    case text(Wildcard)
    case host(HostPattern)
  }

  /// Bytes of a pattern.
  static let longest = 256

  package init(_ text: String) throws(GrantError) {
    self.text = text
    guard text.utf8.count <= Self.longest else {
      throw GrantError(text, at: Self.longest + 1, "it has more than \(Self.longest) characters")
    }
    if let place = text.unicodeScalars.enumerated().first(where: {
      $0.element.value <= 0x20 || $0.element.value == 0x7F
    }) {
      throw GrantError(text, at: place.offset + 1, "it has a space or control character")
    }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    operation = String(parts[0])
    operations = Wildcard(operation)
    try Self.check(operation: operation, of: text)
    guard parts.count == 2 else {
      resource = nil
      return
    }
    let place = operation.count + 2
    guard !parts[1].isEmpty else {
      throw GrantError(text, at: place, "nothing stands behind the ':'; leave it out to grant all that it works on")
    }
    let module = operation.prefix { $0 != "." }
    guard !module.contains("*") else {
      throw GrantError(text, at: 1, "it says what is worked on, so it must name the module, such as marathon.*:/web")
    }
    resource =
      module == "http"
      ? .host(try HostPattern(String(parts[1]), in: text, at: place)) : .text(Wildcard(String(parts[1])))
  }

  private static func check(operation: String, of text: String) throws(GrantError) {
    guard !operation.isEmpty else {
      throw GrantError(text, at: 1, "it names no operation; write one such as marathon.deploy, or * for all")
    }
    var previous: Character = "."
    for (place, character) in operation.enumerated() {
      guard
        character == "." || character == "*" || character == "_"
          || character.isASCII && (character.isLetter || character.isNumber)
      else {
        throw GrantError(text, at: place + 1, "an operation has letters, digits, '_', '.' and '*'")
      }
      if character == ".", previous == "." {
        throw GrantError(text, at: place + 1, "a name is missing before this '.'")
      }
      previous = character
    }
    if previous == "." { throw GrantError(text, at: operation.count, "a name is missing behind this '.'") }
  }

  /// Whether it stands for an operation such as `marathon.deploy`, whatever that works on.
  package func covers(operation name: String) -> Bool {
    operations.matches(name) || !operation.contains(".") && !operation.contains("*") && name.hasPrefix(operation + ".")
  }

  /// - Parameter resource: what the operation works on; nil for one that works on nothing in particular, or on everything.
  package func covers(operation name: String, resource: String?) -> Bool {
    guard covers(operation: name) else { return false }
    switch self.resource {
    case nil: return true
    case .text(let wildcard): return wildcard.matches(resource ?? "")
    case .host: return false
    }
  }

  /// For operations of `http`.
  package func covers(operation name: String, host: HTTPHost, port: Int) -> Bool {
    guard covers(operation: name) else { return false }
    switch self.resource {
    case nil: return true
    case .text: return false
    case .host(let pattern): return pattern.covers(host, port: port)
    }
  }

  /// Whether it reaches an address of this machine because it says so, and not because it stands for everything.
  ///
  /// - Parameter host: what was asked for, whose address it is.
  package func names(loopback address: NetworkAddress, of host: HTTPHost, port: Int, operation name: String) -> Bool {
    guard covers(operation: name), case .host(let pattern) = self.resource else { return false }
    return pattern.names(loopback: address, of: host, port: port)
  }
}

extension Grant: CustomStringConvertible {
  package var description: String { text }
}
