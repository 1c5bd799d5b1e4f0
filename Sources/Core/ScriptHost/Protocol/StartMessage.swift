import JSON
import StackModel

extension ScriptInvocation {
  /// What a worker waits for: a frame that says what to run with, the source, and the source of each module.
  ///
  /// - Throws: `tooLarge`, where a frame would be larger than the worker takes.
  func startFrames() throws(ScriptFailure) -> [UInt8] {
    // A stack is declared with what follows from its name, and declared again so before one of its functions is called.
    let start: JSON = [
      "op": "start", "chunk": .string(name), "seed": Self.json(isStack ? ScriptSeed.of(name) : seed),
      "output": .bool(hasOutput), "result": .bool(wantsResult),
      "functions": .array(functions.filter { !$0.isPure }.map { .string($0.name) }),
      "pure": .array(functions.filter(\.isPure).map { .string($0.name) }),
      "prelude": .string(prelude), "context": context ?? .null,
      "modules": .array((modules.map(\.name) + inspectedNames).map { .string($0) }),
      "call": function.map { ["function": $0.json, "seed": Self.json(seed)] } ?? .null,
    ]
    let bytes = start.bytes
    guard bytes.count <= limits.largestFrame else {
      throw ScriptFailure(
        .tooLarge, "the context of \(name) has about \(bytes.count) bytes; \(limits.largestFrame) are allowed")
    }
    let others = modules.map(\.source) + (inspected ?? [])
    return ([bytes, source] + others).flatMap(FrameDecoder.frame)
  }

  /// No module is called so.
  private var inspectedNames: [String] { (inspected ?? []).indices.map { "=\($0 + 1)" } }

  private var prelude: String {
    let contextType = context.map { _ in function == .run ? RunContext.type : HookContext.type }
    let prelude = ScriptPrelude.source(
      functions: functions, contextType: contextType, hasOutput: hasOutput,
      stack: isStack ? (function == nil ? .declare : .call) : nil)
    guard let inspected else { return prelude }
    return prelude + "\n" + InspectionPrelude.source(scripts: inspected.count, modules: modules.map(\.name))
  }

  private static func json(_ seed: (UInt64, UInt64)) -> JSON {
    [.integer(Int64(bitPattern: seed.0)), .integer(Int64(bitPattern: seed.1))]
  }

  /// Refuses what no worker is started for.
  func check() throws(ScriptFailure) {
    func refuse(_ what: String) -> ScriptFailure { ScriptFailure(.tooLarge, what) }
    let sizes =
      [(name, source.count)] + modules.map { ($0.path, $0.source.count) }
      + (inspected ?? []).map { ("the script of a hook", $0.count) }
    for (path, size) in sizes where size > limits.source {
      throw refuse("\(path) has \(size) bytes; \(limits.source) are allowed")
    }
    guard modules.count <= Self.mostModules else {
      throw refuse("\(name) comes with \(modules.count) modules; \(Self.mostModules) are allowed")
    }
    let total = modules.reduce(0) { $0 + $1.source.count }
    guard total <= limits.modules else {
      throw refuse("the modules of \(name) have \(total) bytes; \(limits.modules) are allowed")
    }
    guard context?.isNested(deeperThan: Self.deepestContext) != true else {
      throw refuse("the context of \(name) is nested deeper than \(Self.deepestContext)")
    }
  }

  private static var mostModules: Int { 1000 }
  private static var deepestContext: Int { 60 }
}

extension JSON {
  fileprivate func isNested(deeperThan limit: Int) -> Bool {
    switch self {
    case .array(let items): limit == 0 || items.contains { $0.isNested(deeperThan: limit - 1) }
    case .object(let object): limit == 0 || object.values.contains { $0.isNested(deeperThan: limit - 1) }
    default: false
    }
  }
}
