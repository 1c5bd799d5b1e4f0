/// The parameters of one task, by name, in the order of the file; `nil` where the task was written as `null`.
package struct TaskParameters: Sendable, Hashable {
  package var values: OrderedMap<TaskValue>

  package init(_ values: OrderedMap<TaskValue> = [:]) {
    self.values = values
  }
}

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
