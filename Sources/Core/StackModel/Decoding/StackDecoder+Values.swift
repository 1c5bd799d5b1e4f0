/// The kinds of values that fields have.
extension StackDecoder {
  /// Any scalar, as written; of Lua a text alone.
  mutating func text(_ node: YAMLNode, as target: DecodingTarget = .text) -> Decoded<String> {
    let isLua = isLua
    return scalar(node, as: target) { resolution, scalar in
      guard case .string(let text) = resolution.value else { return isLua ? nil : scalar.text }
      return resolution.tag == YAMLTag.binary ? text : scalar.text
    }
  }

  /// A text, which is most often a number.
  mutating func countText(_ node: YAMLNode) -> Decoded<String> {
    guard isLua else { return text(node) }
    return scalar(node, as: .instances) { resolution, scalar in
      switch resolution.value {
      case .string, .integer: scalar.text
      case .float(let value): Int64(exactly: value).map { "\($0)" }
      default: nil
      }
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

  /// Fractions are cut off; of Lua there may be none.
  mutating func wholeNumber(_ node: YAMLNode) -> Decoded<Int> {
    let isLua = isLua
    return scalar(node, as: .wholeNumber) { resolution, _ in
      switch resolution.value {
      case .integer(let value): Int(value)
      case .float(let value) where isLua: Int(exactly: value)
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
      guard let nodes = decoder.items(of: node) else { return decoder.nothingElse(node, target) }
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

  /// The items of a list; an empty table of Lua is one.
  func items(of node: YAMLNode) -> [YAMLNode]? {
    switch node.content {
    case .sequence(let items): items
    case .mapping(let entries) where isLua && entries.isEmpty: []
    default: nil
    }
  }

  /// The entries of a map whose order is the author's, which Lua may write as a list of pairs. What is no pair is told and left out; nil where it is
  /// no such list.
  mutating func pairs(_ node: YAMLNode) -> [YAMLNode.Entry]? {
    guard isLua, case .sequence(let items) = node.content else { return nil }
    var entries: [YAMLNode.Entry] = []
    for (index, item) in items.enumerated() {
      if case .sequence(let pair) = item.content, pair.count == 2, case .scalar = pair[0].content {
        entries.append(YAMLNode.Entry(key: pair[0], value: pair[1]))
      } else {
        inside(.index(index), value: item) { decoder in
          decoder.mismatch(item, tag: decoder.collectionTag(of: item), .pair)
        }
      }
    }
    return entries
  }

  /// Runs `body` for each entry. Keys that are written twice are warned of, since only the last one counts.
  mutating func mapping(
    _ node: YAMLNode, as target: DecodingTarget,
    _ body: (inout StackDecoder, _ key: YAMLNode, _ value: YAMLNode) -> Void
  ) -> Decoded<Void> {
    follow(node) { decoder, node in
      let entries: [YAMLNode.Entry]
      if case .mapping(let given) = node.content {
        entries = given
      } else if target.keepsOrder, let pairs = decoder.pairs(node) {
        entries = pairs
      } else {
        return decoder.nothingElse(node, target)
      }
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
