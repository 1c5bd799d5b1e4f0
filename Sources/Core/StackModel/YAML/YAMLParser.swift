import CYAML

/// Reads the first document of a YAML stream through libyaml's events.
///
/// libyaml owns each event's memory until `yaml_event_delete`; everything is copied out before. No libyaml type leaves
/// this file.
struct YAMLParser: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let event: UnsafeMutablePointer<yaml_event_t>
  private let source: YAMLSource
  private let limits: YAMLLimits
  private var document = YAMLDocument()
  private var nodeCount = 0
  private var open: [Collection] = []

  private enum Collection {
    case block
    case flowSequence
    case flowMapping
  }

  static func parse(_ source: [UInt8], limits: YAMLLimits = .default) throws(YAMLError) -> YAMLDocument {
    guard source.count <= limits.size else {
      throw .limit("the file is larger than \(limits.size) bytes", at: .start)
    }
    var source = source
    var corrections = 0
    while true {
      let text = YAMLSource(source)
      do {
        var parser = YAMLParser(text, limits: limits)
        return try parser.firstDocument()
      } catch {
        guard error.endsTagInFlow, corrections < tagCorrections, text.correctTag(at: error.position) else {
          throw error
        }
        corrections += 1
        source = text.bytes
      }
    }
  }

  /// The libyaml that the original's parser was made from reads `[` and `]` as parts of a tag: in `[!a]` the list does
  /// not end. Today's does not, so the character is replaced by another one of a tag and the source read again. So
  /// often, and no more: nobody writes such tags on purpose.
  private static let tagCorrections = 16

  private init(_ source: YAMLSource, limits: YAMLLimits) {
    self.source = source
    self.limits = limits
    parser = .allocate(capacity: 1)
    event = .allocate(capacity: 1)
    // Both only zero the structures and allocate their first buffers; out of memory ends the program anyway.
    event.initialize(to: yaml_event_t())
    parser.initialize(to: yaml_parser_t())
    let initialized = yaml_parser_initialize(parser)
    precondition(initialized == 1, "libyaml cannot allocate its parser")
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, source.pointer, source.count)
  }

  deinit {
    yaml_event_delete(event)
    yaml_parser_delete(parser)
    event.deallocate()
    parser.deallocate()
  }

  private mutating func firstDocument() throws(YAMLError) -> YAMLDocument {
    try advance()  // to STREAM-START
    try advance()
    guard event.pointee.type == YAML_DOCUMENT_START_EVENT else { return document }
    try advance()
    document.root = try node()
    // What follows the end of the document is read as well: a stray line there is an error, not a second document.
    try advance()
    return document
  }

  /// Takes the next event.
  private func advance() throws(YAMLError) {
    yaml_event_delete(event)
    guard yaml_parser_parse(parser, event) == 1 else { throw failure() }
  }

  /// The node that the current event starts; leaves the event behind the node's last one current.
  private mutating func node() throws(YAMLError) -> YAMLNode {
    let position = SourcePosition(event.pointee.start_mark)
    nodeCount += 1
    guard nodeCount <= limits.nodes else {
      throw .limit("the document has more than \(limits.nodes) nodes", at: position)
    }
    let anchor: String?
    let content: YAMLNode.Content
    switch event.pointee.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.pointee.data.scalar
      anchor = scalar.anchor.map { String(cString: $0) }
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      if scalar.style == YAML_PLAIN_SCALAR_STYLE, open.last ?? .block != .block {
        try checkPlainScalarInFlow(text, at: position)
      }
      content = .scalar(
        YAMLScalar(
          text: text, tag: scalar.tag.map { String(cString: $0) } ?? "", isPlain: scalar.plain_implicit == 1,
          isBlock: scalar.style == YAML_LITERAL_SCALAR_STYLE || scalar.style == YAML_FOLDED_SCALAR_STYLE))
    case YAML_ALIAS_EVENT:
      anchor = nil
      content = .alias(String(cString: event.pointee.data.alias.anchor))
    case YAML_SEQUENCE_START_EVENT:
      anchor = event.pointee.data.sequence_start.anchor.map { String(cString: $0) }
      let style = event.pointee.data.sequence_start.style
      try enter(style == YAML_FLOW_SEQUENCE_STYLE ? .flowSequence : .block, at: position)
      var items: [YAMLNode] = []
      try advance()
      while event.pointee.type != YAML_SEQUENCE_END_EVENT { items.append(try node()) }
      open.removeLast()
      content = .sequence(items)
    default:
      // Only a mapping is left: libyaml's grammar yields no other event here.
      anchor = event.pointee.data.mapping_start.anchor.map { String(cString: $0) }
      let style = event.pointee.data.mapping_start.style
      try enter(style == YAML_FLOW_MAPPING_STYLE ? .flowMapping : .block, at: position)
      var entries: [YAMLNode.Entry] = []
      try advance()
      while event.pointee.type != YAML_MAPPING_END_EVENT {
        let key = try node()
        entries.append(.init(key: key, value: try node()))
      }
      open.removeLast()
      content = .mapping(entries)
    }
    try advance()
    let node = YAMLNode(content: content, position: position)
    if let anchor { document.anchors[anchor] = node }
    return node
  }

  private mutating func enter(_ collection: Collection, at position: SourcePosition) throws(YAMLError) {
    guard open.count < limits.depth else {
      throw .limit("collections are nested deeper than \(limits.depth)", at: position)
    }
    open.append(collection)
  }

  /// libyaml has since learned to read `:` and `?` inside plain scalars of flow collections. The original refuses
  /// `[http://a/1]`, and what it refuses must not be stored: an older server or another reader would choke on it.
  private func checkPlainScalarInFlow(_ text: String, at start: SourcePosition) throws(YAMLError) {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "?") }),
      let found = source.firstIndicator(":", or: "?", from: start)
    else { return }
    let problem: String
    if found.character == ":" {
      problem = "found unexpected ':'"
    } else {
      problem = "did not find expected ',' or '\(open.last == .flowMapping ? "}" : "]")'"
    }
    throw YAMLError(
      problem: problem, position: found.position,
      original: Self.original(problem, line: found.position.line - 1, contextLine: start.line - 1))
  }

  /// The error that libyaml stopped at.
  private func failure() -> YAMLError {
    let state = parser.pointee
    let problem = state.problem.map { String(cString: $0) } ?? "unknown problem parsing YAML content"
    if state.error == YAML_READER_ERROR {
      let position = source.position(ofByte: state.problem_offset)
      return YAMLError(problem: problem, position: position, original: "yaml: \(problem)")
    }
    return YAMLError(
      problem: problem, position: SourcePosition(state.problem_mark),
      original: Self.original(problem, line: state.problem_mark.line, contextLine: state.context_mark.line),
      endsTagInFlow: state.flow_level > 0 && state.context.map { String(cString: $0) } == "while scanning a tag")
  }

  /// yaml.v2 of 2016 prints libyaml's line, which counts from 0, as it is, and none where it is 0.
  private static func original(_ problem: String, line: Int, contextLine: Int) -> String {
    let shown = line != 0 ? line : contextLine
    return shown != 0 ? "yaml: line \(shown): \(problem)" : "yaml: \(problem)"
  }
}

extension SourcePosition {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: mark.line + 1, column: mark.column + 1)
  }
}
