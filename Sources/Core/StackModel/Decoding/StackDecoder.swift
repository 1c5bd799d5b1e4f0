/// Turns nodes into a stack as yaml.v2 of 2016 fills the original's structures, and goes on after each mistake.
///
/// The fields are in `StackDecoder+Stack.swift` and its siblings, the kinds of values in `StackDecoder+Values.swift`.
struct StackDecoder {
  private let document: YAMLDocument
  private let file: String
  private let limits: YAMLLimits

  private(set) var diagnostics: [Diagnostic] = []
  private var reported: [Diagnostic.Severity: Int] = [:]
  private(set) var sourceMap = SourceMap()
  /// Where we are, for messages and the source map.
  private(set) var path = StackPath()
  /// Of each step of `path` that the source map has.
  private var mappedPlaces: [Int] = []

  /// What the original says of the mistakes: type errors are collected, the first other one ends its reading.
  private var typeErrors: [String] = []
  private var fatalError: String?

  /// Aliases whose anchors are being decoded, by name.
  private var openAliases: Set<String> = []
  private var depth = 0
  private var aliasedNodes = 0
  private var aliasedBytes = 0
  private var isExhausted = false

  init(_ document: YAMLDocument, file: String, limits: YAMLLimits) {
    self.document = document
    self.file = file
    self.limits = limits
  }

  var root: YAMLNode? { document.root }

  var isLua: Bool { document.isLua }

  func anchor(_ name: String) -> YAMLNode? { document.anchors[name] }

  /// The original's answer; `nil` where it accepts.
  var originalError: String? {
    if let fatalError { return "yaml: \(fatalError)" }
    if typeErrors.isEmpty { return nil }
    return "yaml: unmarshal errors:\n  " + typeErrors.joined(separator: "\n  ")
  }

  // MARK: Nodes

  /// What a value became. `null` leaves the choice of an empty value to the field.
  enum Decoded<Value> {
    case value(Value)
    case null
    case failed

    func map<Other>(_ transform: (Value) -> Other) -> Decoded<Other> {
      switch self {
      case .value(let value): .value(transform(value))
      case .null: .null
      case .failed: .failed
      }
    }
  }

  /// Runs `body` on the node, or on what it is an alias of.
  mutating func follow<Value>(
    _ node: YAMLNode, _ body: (inout StackDecoder, YAMLNode) -> Decoded<Value>
  ) -> Decoded<Value> {
    guard !isExhausted else { return .failed }
    // Aliases inside anchors can be nested deeper than the source is. In JSON, as the store has it, one level of a map
    // may take three, and what is stored must be read again.
    guard depth < limits.depth * 3 / 2 else {
      exhaust("aliases are nested deeper than \(limits.depth)", at: node)
      return .failed
    }
    depth += 1
    defer { depth -= 1 }
    guard case .alias(let name) = node.content else {
      if !openAliases.isEmpty { charge(node) }
      return body(&self, node)
    }
    guard let target = document.anchors[name] else {
      fail("unknown anchor '\(name)' referenced", at: node)
      return .failed
    }
    guard openAliases.insert(name).inserted else {
      fail("anchor '\(name)' value contains itself", at: node)
      return .failed
    }
    defer { openAliases.remove(name) }
    charge(target)
    return isExhausted ? .failed : body(&self, target)
  }

  private mutating func charge(_ node: YAMLNode) {
    aliasedNodes += 1
    if case .scalar(let scalar) = node.content { aliasedBytes += scalar.text.utf8.count }
    if aliasedNodes > limits.aliasedNodes || aliasedBytes > limits.aliasedBytes {
      exhaust("aliases repeat too much of the document", at: node)
    }
  }

  private mutating func exhaust(_ problem: String, at node: YAMLNode) {
    guard !isExhausted else { return }
    isExhausted = true
    report(Diagnostic(.error, .limit, file: file, at: node.position, problem))
    fatalError = fatalError ?? problem
  }

  /// As deep as `applications.web.tasks.add.cpu` and `applications.web.docker.port_mappings[0].protocol`.
  private static let mappedDepth = 6

  /// Runs `body` one step further down the path.
  mutating func inside<Value>(
    _ component: StackPath.Component, key: YAMLNode? = nil, value: YAMLNode, _ body: (inout StackDecoder) -> Value
  ) -> Value {
    path.components.append(component)
    defer { path.components.removeLast() }
    // The insides of task parameters are nobody's business, and there can be very many.
    guard path.components.count <= Self.mappedDepth else { return body(&self) }
    let place = sourceMap.child(component, of: mappedPlaces.last ?? SourceMap.root)
    sourceMap.record(place, value: value.position, key: key?.position)
    mappedPlaces.append(place)
    defer { mappedPlaces.removeLast() }
    return body(&self)
  }

  mutating func recordRoot(_ node: YAMLNode) {
    sourceMap.record(SourceMap.root, value: node.position)
  }

  /// Runs `body` for each entry of a mapping, those that `<<` merges in included, in the order in which yaml.v2 of 2016
  /// reads them: a merge overrides what stands before it and is overridden by what stands behind it.
  mutating func forEachEntry(
    of entries: [YAMLNode.Entry], _ body: (inout StackDecoder, _ key: YAMLNode, _ value: YAMLNode) -> Void
  ) {
    for entry in entries {
      if entry.key.isMergeKey {
        merge(entry.value, body)
      } else {
        body(&self, entry.key, entry.value)
      }
    }
  }

  private mutating func merge(
    _ node: YAMLNode, _ body: (inout StackDecoder, _ key: YAMLNode, _ value: YAMLNode) -> Void
  ) {
    if case .sequence(let items) = node.content {
      // Backwards, so that earlier ones take precedence.
      for item in items.reversed() { mergeMapping(item, body) }
    } else {
      mergeMapping(node, body)
    }
  }

  private mutating func mergeMapping(
    _ node: YAMLNode, _ body: (inout StackDecoder, _ key: YAMLNode, _ value: YAMLNode) -> Void
  ) {
    _ = follow(node) { decoder, target -> Decoded<Void> in
      guard case .mapping(let entries) = target.content else {
        decoder.fail("map merge requires map or sequence of maps as the value", at: node)
        return .failed
      }
      decoder.forEachEntry(of: entries, body)
      return .value(())
    }
  }

  // MARK: Mistakes

  /// More mistakes nobody reads, and aliases can turn a small file into very many.
  private static let diagnosticLimit = 1_000

  private mutating func report(_ diagnostic: Diagnostic) {
    let count = reported[diagnostic.severity, default: 0]
    reported[diagnostic.severity] = count + 1
    if count < Self.diagnosticLimit {
      diagnostics.append(diagnostic)
    } else if count == Self.diagnosticLimit {
      let kind = diagnostic.severity == .error ? "mistakes" : "warnings"
      diagnostics.append(
        Diagnostic(
          diagnostic.severity, .limit, file: file, at: diagnostic.position,
          "there are more than \(Self.diagnosticLimit) \(kind); the rest is not told"))
    }
  }

  mutating func error(_ code: Diagnostic.Code, at node: YAMLNode, _ message: String, hint: String? = nil) {
    report(Diagnostic(.error, code, file: file, at: node.position, "\(place)\(message)", hint: hint))
  }

  mutating func warn(_ code: Diagnostic.Code, at node: YAMLNode, _ message: String, hint: String? = nil) {
    report(Diagnostic(.warning, code, file: file, at: node.position, "\(place)\(message)", hint: hint))
  }

  /// A mistake at which the original stops reading.
  mutating func fail(_ problem: String, at node: YAMLNode) {
    error(.syntax, at: node, problem)
    fatalError = fatalError ?? problem
  }

  /// A value of the wrong type. `tag` is what it resolved to.
  mutating func mismatch(_ node: YAMLNode, tag: String, _ target: DecodingTarget) {
    let found: String
    var value = ""
    var tag = tag
    var goType = target.goType
    switch node.content {
    case .scalar(let scalar):
      found = Self.name(of: scalar, tag: tag)
      if !scalar.tag.isEmpty { tag = scalar.tag }
      if tag != YAMLTag.sequence, tag != YAMLTag.mapping { value = " `\(Self.shortened(scalar.text))`" }
      // yaml.v2 takes these for null before it looks at quotes, and so does not go through the pointer.
      if target.isPointer, scalar.tag.isEmpty, scalar.text.isEmpty || scalar.text == "null" { goType = "*" + goType }
    case .sequence: found = "a list"
    case .mapping, .alias: found = "a map"
    case .function: found = "a function"
    case .unusable(let what): found = what
    }
    error(
      .wrongType, at: node, "expected \(target.meaning), found \(found)",
      hint: isLua ? Self.luaHint(node, target) : Self.hint(node, target))
    let line = node.position.line
    typeErrors.append("line \(line): cannot unmarshal \(YAMLTag.short(tag))\(value) into \(goType)")
  }

  private var place: String { path.components.isEmpty ? "" : "\(path): " }

  private static func name(of scalar: YAMLScalar, tag: String) -> String {
    switch tag {
    case YAMLTag.integer, YAMLTag.float: "the number \(shortened(scalar.text, to: 40))"
    case YAMLTag.boolean: "the boolean \(scalar.text)"
    default: "the text \"\(shortened(scalar.text, to: 40))\""
    }
  }

  private static func hint(_ node: YAMLNode, _ target: DecodingTarget) -> String? {
    guard case .scalar(let scalar) = node.content else { return nil }
    switch target.goType {
    case "[]string", "[]int": return "write a list: [\(shortened(scalar.text, to: 40))]"
    case "float64", "int":
      let isNumber = [YAMLTag.integer, YAMLTag.float].contains(YAMLResolution.plain(scalar.text).tag)
      return !scalar.isPlain && isNumber ? "take away the quotes" : nil
    default: return nil
    }
  }

  /// The same for who writes Lua.
  private static func luaHint(_ node: YAMLNode, _ target: DecodingTarget) -> String? {
    guard case .scalar(let scalar) = node.content else { return nil }
    let text = shortened(scalar.text, to: 40)
    switch target.goType {
    case "[]string": return scalar.isPlain ? nil : "write a list: { \"\(text)\" }"
    case "[]int": return scalar.isPlain ? "write a list: { \(text) }" : nil
    case "string" where scalar.isPlain:
      // What was written as 0.10 is 0.1 here.
      return YAMLResolution.plain(scalar.text).tag == YAMLTag.float
        ? "write a text, such as \"0.10\": a number does not keep its digits" : "write \"\(text)\""
    default: return hint(node, target)
    }
  }

  /// As yaml.v2 shortens: more than ten bytes become seven and dots.
  private static func shortened(_ text: String) -> String {
    text.utf8.count > 10 ? String(decoding: text.utf8.prefix(7), as: UTF8.self) + "..." : text
  }

  private static func shortened(_ text: String, to length: Int) -> String {
    // Counting all characters of a long text only to cut it would take long.
    text.index(text.startIndex, offsetBy: length + 1, limitedBy: text.endIndex) == nil
      ? text : text.prefix(length) + "…"
  }
}
