import Concurrency
package import JSON

/// Values that must never stand in a log line, wherever they come from: an error text of a server, a script's output.
package final class KnownSecrets: Sendable {
  /// Shorter ones would redact half of each line; they are only replaced where they are the whole value.
  private static let shortestInside = 4
  private static let replacement = "<redacted>"

  private struct State {
    var counts: [String: Int] = [:]
    var longestFirst: [[UInt8]] = []
  }

  private let state = Locked(State())

  package init() {}

  /// Redacts this value from now on. Added twice, it must be removed twice.
  package func add(_ secret: String) {
    guard !secret.isEmpty else { return }
    change(secret, by: 1)
  }

  package func remove(_ secret: String) { change(secret, by: -1) }

  private func change(_ secret: String, by step: Int) {
    state.withLock { state in
      let count = state.counts[secret, default: 0] + step
      state.counts[secret] = count > 0 ? count : nil
      // A secret may hold another one: the longer goes first.
      state.longestFirst = state.counts.keys.map { Array($0.utf8) }.sorted { $0.count > $1.count }
    }
  }

  package func redacted(_ text: String) -> String {
    let secrets = state.withLock { $0.longestFirst }
    guard !secrets.isEmpty else { return text }
    let replacement = Array(Self.replacement.utf8)
    var bytes = Array(text.utf8)
    var isChanged = false
    for secret in secrets where secret.count <= bytes.count {
      if bytes == secret { return Self.replacement }
      guard secret.count >= Self.shortestInside else { continue }
      var start = 0
      while let found = position(of: secret, in: bytes, from: start) {
        bytes.replaceSubrange(found..<found + secret.count, with: replacement)
        start = found + replacement.count
        isChanged = true
      }
    }
    return isChanged ? String(decoding: bytes, as: UTF8.self) : text
  }

  /// Strings in all depths, keys too.
  package func redacted(_ value: JSON) -> JSON {
    switch value {
    case .null, .bool: value
    case .integer, .number, .bigNumber: redactedNumber(value)
    case .string(let string): .string(redacted(string))
    case .array(let elements): .array(elements.map { redacted($0) })
    case .object(let object): .object(JSONObject(object.map { (redacted($0.key), redacted($0.value)) }))
    }
  }

  private func redactedNumber(_ value: JSON) -> JSON {
    let text = value.text
    let safe = redacted(text)
    return safe == text ? value : .string(safe)
  }

  private func position(of secret: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    guard bytes.count - start >= secret.count, let first = secret.first else { return nil }
    for position in start...(bytes.count - secret.count)
    where bytes[position] == first && bytes[position..<position + secret.count].elementsEqual(secret) {
      return position
    }
    return nil
  }
}
