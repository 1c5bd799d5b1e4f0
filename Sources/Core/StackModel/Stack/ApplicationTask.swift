/// One task of an application. Names and values keep their YAML type, and a task that is not a map keeps what it is: only a
/// run refuses it.
package struct ApplicationTask: Sendable, Hashable {
  package var key: TaskValue
  package var value: TaskValue

  package init(key: TaskValue, value: TaskValue) {
    self.key = key
    self.value = value
  }

  /// A task as most are: a name and its parameters.
  package init(_ name: String, _ parameters: [TaskValue.Entry] = []) {
    self.init(key: .string(name), value: .map(parameters))
  }

  package var name: String { key.text }

  /// The parameters in the order of the file, values as the text that task runners send; `nil` where the task is not a
  /// map. Of two parameters with one name the last one wins.
  package var parameters: OrderedMap<String>? {
    guard case .map(let entries) = value else { return nil }
    return OrderedMap(entries.map { ($0.key.text, $0.value.text) })
  }
}
