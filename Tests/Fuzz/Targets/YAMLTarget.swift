import JSON

@testable import StackModel

extension FuzzTarget {
  /// A stack's source: what is refused is refused with places and in measure; what is accepted survives each of the
  /// forms in which it is stored, shown and sent.
  static let yaml = FuzzTarget(
    name: "yaml", summary: "a stack's YAML: decoding, checks, and back from YAML and JSON", longestInput: 4_096
  ) { bytes in
    try checkText(bytes)
    let check = StackCheck.check(bytes, file: "stack.yaml", options: .init(knownTypes: ["kafka", "cassandra"]))
    try checkDiagnostics(check.diagnostics, of: bytes)
    try require(
      (check.stack == nil) == check.diagnostics.hasErrors, "errors and a stack, or neither: \(check.diagnostics)")
    guard let stack = check.stack else { return }
    try checkForms(of: stack)
    try checkUse(of: stack)
  }

  /// What scripts read: as JSON, and back from our own YAML.
  private static func checkText(_ bytes: [UInt8]) throws {
    guard let json = try? YAMLText.json(bytes, limits: .default) else { return }
    let text = StackYAML.text(json)
    try requireSame(
      json.text, try YAMLText.json(Array(text.utf8), limits: .default).text, "a value does not come back from YAML")
  }

  /// Places inside the source, sentences, and not many times more text than the source has.
  static func checkDiagnostics(_ diagnostics: [Diagnostic], of bytes: [UInt8]) throws {
    // Line breaks of YAML 1.1: besides LF and CR three more, of two and three bytes.
    let lineLimit = bytes.count + 1
    var size = 0
    for diagnostic in diagnostics {
      try require(
        diagnostic.line >= 1 && diagnostic.line <= lineLimit && diagnostic.column >= 1
          && diagnostic.column <= bytes.count + 1,
        "a place outside of the source: \(diagnostic)")
      try require(!diagnostic.message.isEmpty, "no message")
      size += diagnostic.description.utf8.count
    }
    try require(size <= 4_096 + 256 * bytes.count, "\(size) bytes of diagnostics of a source of \(bytes.count)")
  }

  /// The stack comes back from JSON, and its YAML from YAML.
  static func checkForms(of stack: Stack) throws {
    let json = stack.json
    let read = try Stack(json: try JSON(parsing: json.bytes))
    // As text, since a task may have the value .nan, which is not equal to itself.
    try requireSame(json.text, read.json.text, "the stack does not come back from JSON")

    let yaml = StackYAML.text(stack)
    let decoding = StackDecoding(yaml)
    try require(!decoding.diagnostics.hasErrors, "our own YAML is refused: \(decoding.diagnostics.text)\n\(yaml)")
    guard let back = decoding.stack else { throw Violation(description: "our own YAML has no stack") }
    try requireSame(yaml, StackYAML.text(back), "the stack does not come back from YAML")
  }

  /// What a run does with a stack.
  private static func checkUse(of stack: Stack) throws {
    _ = stack.problems(taskRunners: ["kafka"])
    try checkGraph(of: stack)
    for (_, application) in stack.applications {
      let body = MarathonDefinition.body(of: application, stack: stack.name, zone: "zone", instances: 1)
      try require(try JSON(parsing: JSON.object(body).bytes) == .object(body), "the definition does not come back")
      let shown =
        (try? application.substituting(Variables(), for: Application.SubstitutionStage.allCases)) ?? application
      try require(shown.id == application.id, "substitution changes the id")
    }
  }

  private static func checkGraph(of stack: Stack) throws {
    let graph = DependencyGraph(stack)
    let known = Set(graph.ids)
    var done: Set<String> = []
    for id in graph.order {
      try require(known.contains(id) && done.insert(id).inserted, "\(id) is twice in the order, or not in the stack")
      for dependency in graph.dependencies(of: id) where known.contains(dependency) {
        try require(done.contains(dependency), "\(id) stands before \(dependency), which it depends on")
      }
    }
    let hasCycle = graph.problems.contains { if case .cycle = $0 { true } else { false } }
    try require(hasCycle == (graph.order.count < graph.ids.count), "cycles and order disagree: \(graph.problems)")
  }
}
