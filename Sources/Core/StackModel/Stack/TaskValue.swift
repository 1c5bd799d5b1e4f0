/// A value as YAML types it. Task values stay typed until they are used as text.
package indirect enum TaskValue: Sendable, Hashable {
  case null
  case boolean(Bool)
  case integer(Int64)
  /// Beyond `Int64`, up to `UInt64.max`.
  case unsigned(UInt64)
  case number(Double)
  case string(String)
  case list([TaskValue])
  /// Keys keep their YAML type: `y:` is the key `true`.
  case map([Entry])

  package struct Entry: Sendable, Hashable {
    package var key: TaskValue
    package var value: TaskValue

    package init(key: TaskValue, value: TaskValue) {
      self.key = key
      self.value = value
    }
  }
}

extension TaskValue {
  /// The value as the original turns it into text, which is how Go prints it: `<nil>`, `1e+06`, `[1 a true]`,
  /// `[{k v} {a b}]` for a map.
  package var text: String {
    switch self {
    case .null: "<nil>"
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .number(let value): GoNumber.text(value)
    case .string(let value): value
    case .list(let items): "[" + items.map(\.text).joined(separator: " ") + "]"
    case .map(let entries): "[" + entries.map { "{\($0.key.text) \($0.value.text)}" }.joined(separator: " ") + "]"
    }
  }
}
