/// The kinds of values that fields have.
extension StackDecoder {
  /// Any scalar, as written.
  mutating func text(_ node: YAMLNode, as target: DecodingTarget = .text) -> Decoded<String> {
    scalar(node, as: target) { resolution, scalar in
      if case .string(let text) = resolution.value, resolution.tag == YAMLTag.binary { return text }
      return scalar.text
    }
  }

  mutating func number(_ node: YAMLNode) -> Decoded<Double> {
    scalar(node, as: .number) { resolution, _ in
      switch resolution.value {
      case .integer(let value): Double(value)
      case .unsigned(let value): Double(value)
      case .float(let value): value
      default: nil
      }
    }
  }

  /// Fractions are cut off.
  mutating func wholeNumber(_ node: YAMLNode) -> Decoded<Int> {
    scalar(node, as: .wholeNumber) { resolution, _ in
      switch resolution.value {
      case .integer(let value): Int(value)
      // What does not fit becomes the smallest number, as Go converts it on the machines that the original ran on.
      case .float(let value) where value <= 0x1p63: Int(exactly: value.rounded(.towardZero)) ?? .min
      default: nil
      }
    }
  }

  mutating func boolean(_ node: YAMLNode) -> Decoded<Bool> {
    scalar(node, as: .boolean) { resolution, _ in
      if case .boolean(let value) = resolution.value { value } else { nil }
    }
  }

  mutating func texts(_ node: YAMLNode) -> Decoded<[String]> {
    list(node, as: .texts, empty: "") { decoder, item in decoder.text(item) }
  }

  /// A map with text keys and values, merged into what an earlier key of the same name or a `<<` has filled.
  mutating func textMap(_ node: YAMLNode, into map: inout OrderedMap<String>) {
    var result = map
    let decoded = mapping(node, as: .textMap) { decoder, key, value in
      guard let name = decoder.key(key) else { return }
      decoder.inside(.key(name), key: key, value: value) { decoder in
        switch decoder.text(value) {
        case .value(let text): result[name] = text
        case .null: result[name] = ""
        case .failed: break
        }
      }
    }
    map = if case .null = decoded { [:] } else { result }
  }

  /// A key of a map: any scalar as written, `null` as the empty text.
  mutating func key(_ node: YAMLNode) -> String? {
    switch text(node) {
    case .value(let text): text
    case .null: ""
    case .failed: nil
    }
  }

  mutating func list<Item>(
    _ node: YAMLNode, as target: DecodingTarget, empty: Item,
    _ item: (inout StackDecoder, YAMLNode) -> Decoded<Item>
  ) -> Decoded<[Item]> {
    follow(node) { decoder, node in
      guard case .sequence(let nodes) = node.content else { return decoder.nothingElse(node, target) }
      var items: [Item] = []
      for (index, node) in nodes.enumerated() {
        switch decoder.inside(.index(index), value: node, { item(&$0, node) }) {
        case .value(let value): items.append(value)
        case .null: items.append(empty)
        case .failed: break
        }
      }
      return .value(items)
    }
  }

  /// Runs `body` for each entry. Keys that are written twice are warned of, since only the last one counts.
  mutating func mapping(
    _ node: YAMLNode, as target: DecodingTarget,
    _ body: (inout StackDecoder, _ key: YAMLNode, _ value: YAMLNode) -> Void
  ) -> Decoded<Void> {
    follow(node) { decoder, node in
      guard case .mapping(let entries) = node.content else { return decoder.nothingElse(node, target) }
      decoder.warnOfDuplicates(entries)
      decoder.forEachEntry(of: entries, body)
      return .value(())
    }
  }

  private mutating func warnOfDuplicates(_ entries: [YAMLNode.Entry]) {
    var seen: [String: SourcePosition] = [:]
    for entry in entries where !entry.key.isMergeKey {
      guard case .scalar(let scalar) = entry.key.content else { continue }
      if let first = seen.updateValue(entry.key.position, forKey: scalar.text) {
        warn(
          .duplicateKey, at: entry.key, "the key \"\(scalar.text.shortened)\" stands already on line \(first.line)",
          hint: "the last one counts")
      }
    }
  }

  /// For a node where a collection is expected and is not: `null` is fine, everything else is not.
  private mutating func nothingElse<Value>(_ node: YAMLNode, _ target: DecodingTarget) -> Decoded<Value> {
    scalar(node, as: target) { _, _ in nil }
  }

  func collectionTag(of node: YAMLNode) -> String {
    switch node.content {
    case .sequence: YAMLTag.sequence
    default: YAMLTag.mapping
    }
  }

  mutating func scalar<Value>(
    _ node: YAMLNode, as target: DecodingTarget, _ convert: (YAMLResolution, YAMLScalar) -> Value?
  ) -> Decoded<Value> {
    follow(node) { decoder, node in
      guard case .scalar(let scalar) = node.content else {
        decoder.mismatch(node, tag: decoder.collectionTag(of: node), target)
        return .failed
      }
      guard let resolution = decoder.resolve(scalar, at: node) else { return .failed }
      if resolution.value == .null { return .null }
      if let value = convert(resolution, scalar) { return .value(value) }
      decoder.mismatch(node, tag: resolution.tag, target)
      return .failed
    }
  }

  mutating func resolve(_ scalar: YAMLScalar, at node: YAMLNode) -> YAMLResolution? {
    do {
      return try YAMLResolution.resolve(scalar)
    } catch {
      fail(error.problem, at: node)
      return nil
    }
  }
}
