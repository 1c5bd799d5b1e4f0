package import JSON

/// What a script does with the documents of its stack.
package enum DocumentCall: Sendable, Hashable {
  case put(key: String, value: JSON, lifetime: Duration?)
  case get(key: String)
  case delete(key: String)
  /// Without a limit all keys are wanted.
  case list(prefix: String, after: String?, limit: Int?)

  package static let functions: Set<String> = ["cassandra.put", "cassandra.get", "cassandra.delete", "cassandra.list"]
  /// Bytes of a key.
  package static let largestKey = 512
  /// Bytes of a value as JSON.
  package static let largestValue = 256 << 10
  /// Keys of one list.
  package static let longestList = 1_000
  /// What Cassandra can keep, too.
  package static let lifetimes = Duration.seconds(1)...Duration.seconds(20 * 365 * 24 * 3600)

  /// - Parameters:
  ///   - function: one of `functions`.
  ///   - arguments: with their types checked.
  /// - Throws: what types do not say.
  package init(_ function: String, _ arguments: JSONObject) throws(HostCallFailure) {
    let options = arguments["options"]?.objectValue ?? [:]
    switch function {
    case "cassandra.put":
      self = .put(
        key: try Self.key(arguments), value: try Self.value(arguments["value"] ?? .null),
        lifetime: try Self.lifetime(options))
    case "cassandra.get": self = .get(key: try Self.key(arguments))
    case "cassandra.delete": self = .delete(key: try Self.key(arguments))
    case "cassandra.list":
      self = .list(
        prefix: arguments.string("prefix") ?? "", after: options.string("after"), limit: try Self.limit(options))
    default: throw HostCallFailure(.internal, "\(function) has nothing to do with documents")
    }
  }

  private static func key(_ arguments: JSONObject) throws(HostCallFailure) -> String {
    let key = arguments.string("key") ?? ""
    if key.isEmpty { throw refused("argument 1 (key) must not be empty") }
    if key.utf8.count > largestKey {
      throw refused("argument 1 (key) has \(key.utf8.count) bytes; \(largestKey) are allowed")
    }
    if key.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      throw refused("argument 1 (key) must not have control characters")
    }
    return key
  }

  private static func value(_ value: JSON) throws(HostCallFailure) -> JSON {
    if value.isNull { throw refused("argument 2 (value) must not be nil: cassandra.delete removes a document") }
    let bytes = value.text.utf8.count
    if bytes > largestValue {
      throw refused("argument 2 (value) has \(bytes) bytes as JSON; \(largestValue >> 10) KiB are allowed")
    }
    return value
  }

  private static func lifetime(_ options: JSONObject) throws(HostCallFailure) -> Duration? {
    guard let lifetime = options.duration("ttl") else { return nil }
    if !lifetimes.contains(lifetime) { throw refused("argument 3 (options).ttl must be from 1s to 175200h (20 years)") }
    return lifetime
  }

  private static func limit(_ options: JSONObject) throws(HostCallFailure) -> Int? {
    guard let limit = options.integer("limit") else { return nil }
    if !(1...longestList).contains(limit) {
      throw refused("argument 2 (options).limit must be from 1 to \(longestList), is \(limit)")
    }
    return limit
  }

  private static func refused(_ text: String) -> HostCallFailure { HostCallFailure(.invalidArgument, text) }
}
