/// Tasks: names and values of any type, in the order of the file.
extension StackDecoder {
  mutating func tasks(_ node: YAMLNode) -> Decoded<[ApplicationTask]> {
    follow(node) { decoder, node in
      if !decoder.isLua, case .sequence(let items) = node.content {
        for (index, item) in items.enumerated() {
          decoder.inside(.index(index), value: item) { decoder in
            _ = decoder.scalar(item, as: .task) { _, _ in nil as Never? }
          }
        }
        return .value([])
      }
      var tasks: [ApplicationTask] = []
      let decoded = decoder.mapping(node, as: .tasks) { decoder, key, value in
        guard case .value(let entry) = decoder.entry(key, decoder.parameters(value)) else { return }
        tasks.append(ApplicationTask(key: entry.key, value: entry.value))
      }
      return decoded.map { tasks }
    }
  }

  /// A task's parameters may be a list of pairs in Lua: anything else than a map would be no task.
  private mutating func parameters(_ node: YAMLNode) -> YAMLNode {
    guard case .sequence(let items) = node.content, !items.isEmpty, let entries = pairs(node) else { return node }
    return YAMLNode(content: .mapping(entries), position: node.position)
  }

  private mutating func entry(_ key: YAMLNode, _ value: YAMLNode) -> Decoded<TaskValue.Entry> {
    guard case .value(let name) = taskValue(key) else { return .failed }
    return inside(.key(name.text), key: key, value: value) { decoder in
      guard case .value(let value) = decoder.taskValue(value) else { return .failed }
      return .value(TaskValue.Entry(key: name, value: value))
    }
  }

  private mutating func taskValue(_ node: YAMLNode) -> Decoded<TaskValue> {
    follow(node) { decoder, node in
      switch node.content {
      case .scalar(let scalar):
        guard let resolution = decoder.resolve(scalar, at: node) else { return .failed }
        return .value(TaskValue(resolution.value))
      case .sequence(let items):
        var values: [TaskValue] = []
        for (index, item) in items.enumerated() {
          let decoded = decoder.inside(.index(index), value: item) { $0.taskValue(item) }
          if case .value(let value) = decoded { values.append(value) }
        }
        return .value(.list(values))
      case .mapping(let entries):
        var values: [TaskValue.Entry] = []
        decoder.forEachEntry(of: entries) { decoder, key, value in
          if case .value(let entry) = decoder.entry(key, value) { values.append(entry) }
        }
        return .value(.map(values))
      case .function, .unusable:
        decoder.mismatch(node, tag: "", .taskValue)
        return .failed
      case .alias:
        // `follow` has resolved it.
        return .failed
      }
    }
  }
}

extension TaskValue {
  fileprivate init(_ value: YAMLResolution.Value) {
    self =
      switch value {
      case .null: .null
      case .boolean(let value): .boolean(value)
      case .integer(let value): .integer(value)
      case .unsigned(let value): .unsigned(value)
      case .float(let value): .number(value)
      case .string(let value): .string(value)
      }
  }
}
