import JSON

/// A stack as its Lua file has declared it, in the form in which the worker that ran the file hands it over (`StackPrelude`).
///
/// It becomes the nodes that a YAML source would have, so there is one decoder for both. A worker that its script has taken over can send
/// any JSON: what is not of the form is refused.
struct StackDeclaration {
  let root: YAMLNode
  /// What is wrong beside the fields' values.
  let problems: [Diagnostic]

  /// - Parameters:
  ///   - entry: the stack's own file as the worker names it.
  ///   - file: the same as the author names it; the other files lie below its folder.
  init(_ json: JSON, entry: String, file: String, limits: YAMLLimits) throws(StackDeclarationError) {
    var reader = DeclarationReader(entry: entry, file: file, nodesLeft: limits.nodes)
    root = try reader.root(json)
    problems = try reader.problems(json)
  }
}

struct StackDeclarationError: Error, Hashable {
  enum Kind: Hashable { case form, limit }

  let kind: Kind
  let message: String
}

private struct DeclarationReader {
  let entry: String
  let file: String
  var nodesLeft: Int
  let nodeLimit: Int
  /// What the paths of the other files begin with.
  let folder: String

  init(entry: String, file: String, nodesLeft: Int) {
    self.entry = entry
    self.file = file
    self.nodesLeft = nodesLeft
    nodeLimit = nodesLeft
    folder = file.hasSuffix(entry) ? String(file.dropLast(entry.count)) : ""
  }

  private static let refusal = StackDeclarationError(
    kind: .form, message: "what the script's worker handed over is no stack")

  // MARK: the whole

  mutating func root(_ json: JSON) throws(StackDeclarationError) -> YAMLNode {
    let position = position(of: json)
    var entries = [try entry("name", json["name"] ?? .null, at: position)]
    if let fields = json["fields"], !fields.isNull {
      let fields = try node(fields, at: position)
      guard case .mapping(let given) = fields.content else { throw Self.refusal }
      // These two are told as problems.
      entries += given.filter { !["name", "applications"].contains($0.key.text) }
    }
    entries.append(
      YAMLNode.Entry(key: text("applications", at: position), value: try applications(json["applications"], position)))
    return YAMLNode(content: .mapping(entries), position: position)
  }

  private mutating func applications(
    _ json: JSON?, _ position: SourcePosition
  ) throws(StackDeclarationError) -> YAMLNode {
    guard let items = json?.arrayValue else { throw Self.refusal }
    var entries: [YAMLNode.Entry] = []
    var keys: Set<String> = []
    for item in items {
      guard let key = item["key"]?.stringValue, let fields = item["fields"] else { throw Self.refusal }
      // A second one with the key is told as a problem.
      guard keys.insert(key).inserted else { continue }
      entries.append(try entry(key, fields, at: self.position(of: item)))
    }
    return YAMLNode(content: .mapping(entries), position: position)
  }

  func problems(_ json: JSON) throws(StackDeclarationError) -> [Diagnostic] {
    guard let items = json["problems"]?.arrayValue else { throw Self.refusal }
    var problems: [Diagnostic] = []
    for item in items.prefix(1_000) {
      guard let message = item["message"]?.stringValue, !message.isEmpty else { throw Self.refusal }
      problems.append(Diagnostic(.error, .invalidValue, file: file, at: position(of: item), message))
    }
    return problems
  }

  private mutating func entry(
    _ key: String, _ value: JSON, at position: SourcePosition
  ) throws(StackDeclarationError) -> YAMLNode.Entry {
    YAMLNode.Entry(key: text(key, at: position), value: try node(value, at: position))
  }

  // MARK: places

  /// Of the call that said it.
  private func position(of json: JSON) -> SourcePosition { position(json["file"], json["line"]) ?? .start }

  private func position(_ file: JSON?, _ line: JSON?) -> SourcePosition? {
    guard let line = line?.intValue, (1...Int(Int32.max)).contains(line) else { return nil }
    var position = SourcePosition(line: line, column: 1)
    if let file = file?.stringValue, file != entry, StackFilePath.problems(of: file).isEmpty {
      position.file = folder + file
    }
    return position
  }

  // MARK: values

  private func text(_ text: String, at position: SourcePosition) -> YAMLNode {
    YAMLNode(content: .scalar(YAMLScalar(text: text, tag: "", isPlain: false)), position: position)
  }

  /// What the text decides of, as in YAML.
  private func plain(_ text: String, at position: SourcePosition) -> YAMLNode {
    YAMLNode(content: .scalar(YAMLScalar(text: text, tag: "", isPlain: true)), position: position)
  }

  private mutating func node(_ json: JSON, at position: SourcePosition) throws(StackDeclarationError) -> YAMLNode {
    nodesLeft -= 1
    guard nodesLeft >= 0 else {
      throw StackDeclarationError(kind: .limit, message: "the stack has more than \(nodeLimit) values")
    }
    switch json {
    case .null: return plain("null", at: position)
    case .bool(let value): return plain(value ? "true" : "false", at: position)
    case .integer(let value): return plain("\(value)", at: position)
    case .number(let value): return plain("\(value)", at: position)
    case .string(let value): return text(value, at: position)
    case .array(let items): return try tagged(items, at: position)
    case .bigNumber, .object: throw Self.refusal
    }
  }

  /// A table, a function, or what neither YAML nor a stack has.
  private mutating func tagged(
    _ items: [JSON], at position: SourcePosition
  ) throws(StackDeclarationError) -> YAMLNode {
    let rest = items.dropFirst()
    switch (items.first?.stringValue, rest.first) {
    case ("l", _):
      var nodes: [YAMLNode] = []
      nodes.reserveCapacity(rest.count)
      for item in rest { nodes.append(try node(item, at: position)) }
      return YAMLNode(content: .sequence(nodes), position: position)
    case ("m", _):
      guard rest.count.isMultiple(of: 2) else { throw Self.refusal }
      var entries: [YAMLNode.Entry] = []
      entries.reserveCapacity(rest.count / 2)
      for index in stride(from: 1, to: items.count, by: 2) {
        guard let key = items[index].stringValue else { throw Self.refusal }
        entries.append(try entry(key, items[index + 1], at: position))
      }
      return YAMLNode(content: .mapping(entries), position: position)
    case ("f", _): return function(rest, calledAt: position)
    case ("d", .string(let number)?) where [".inf", "-.inf", ".nan"].contains(number):
      return plain(number, at: position)
    case ("x", .string(let what)?): return YAMLNode(content: .unusable(what.shortened), position: position)
    default: throw Self.refusal
    }
  }

  /// The line by which the function is known is one of the stack's own file: where it begins, or, if that is elsewhere, where it was handed over.
  private func function(_ place: ArraySlice<JSON>, calledAt position: SourcePosition) -> YAMLNode {
    let begin = self.position(place.first, place.dropFirst().first) ?? position
    let known = [begin, position].first { $0.file == nil } ?? .start
    return YAMLNode(content: .function(FunctionPlace(file: entry, line: known.line)), position: begin)
  }
}

extension YAMLNode {
  fileprivate var text: String? {
    if case .scalar(let scalar) = content { scalar.text } else { nil }
  }
}
