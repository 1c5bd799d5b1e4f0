import Concurrency
import Glibc
import JSON
import Processes
import ScriptHost
import Testing

/// Hostile scripts in real workers. Each ends by itself, over a budget, or with its worker, in time, and nobody else notices.
struct AttackTests {
  private static let limits = ScriptLimits(cpu: .milliseconds(150), time: .seconds(3), output: 1 << 20)
  private static let tolerance = Duration.milliseconds(100)

  private struct Ending: Sendable {
    var name: String
    var how: String
    var duration: Duration
    var problem: String?
  }

  /// Folders with scripts: ours, and one from `STACK_DEPLOY_TEST_ATTACKS`.
  private static func scripts() throws -> [String] {
    var folders = [try Files.resource("attacks")]
    if let more = getenv("STACK_DEPLOY_TEST_ATTACKS") { folders.append(String(cString: more)) }
    return folders.flatMap { folder in
      Files.names(in: folder).filter { $0.hasSuffix(".lua") }.map { "\(folder)/\($0)" }
    }
  }

  @Test(.timeLimit(.minutes(5))) func everyAttackEndsAcceptably() async throws {
    let host = try Sandbox.host()
    let scripts = try Self.scripts()
    #expect(scripts.count >= 120)
    let endings = await withTaskGroup(of: Ending.self) { group in
      // Two at once: what is measured is each script's own time.
      var rest = scripts[...]
      func startNext() {
        guard let script = rest.popFirst() else { return }
        group.addTask { await Self.attack(script, host) }
      }
      startNext()
      startNext()
      var endings: [Ending] = []
      for await ending in group {
        endings.append(ending)
        startNext()
      }
      return endings
    }
    for ending in endings { if let problem = ending.problem { Issue.record("\(ending.name): \(problem)") } }
    let counts = Dictionary(grouping: endings, by: \.how).mapValues(\.count).sorted { $0.key < $1.key }
    print("attacks: \(endings.count); " + counts.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
    #expect(children(named: "script-worker").isEmpty, "no worker survives its step")
    // The string library of the next script is as ever.
    #expect(try await Sandbox.value("return ('x'):rep(3) .. ('a'):upper()") == "xxxA")
  }

  /// A script that is late is tried again: only one that is always late is to blame, not the machine.
  private static func attack(_ path: String, _ host: ScriptHost) async -> Ending {
    var ending = await attempt(path, host)
    for _ in 0..<2 where ending.duration > limits.time + tolerance { ending = await attempt(path, host) }
    if ending.duration > limits.time + tolerance { ending.problem = "it took \(ending.duration)" }
    return ending
  }

  private static func attempt(_ path: String, _ host: ScriptHost) async -> Ending {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    var ending = Ending(name: name, how: "ended", duration: .zero)
    let source = (try? Files.bytes(path)) ?? []
    let invocation = ScriptInvocation(
      name: name, source: source, seed: (1, 2), limits: limits, hasOutput: true, wantsResult: true,
      functions: HostFunctions.all(in: .hook), context: context, modules: modules())
    let start = ContinuousClock.now
    do throws(ScriptFailure) {
      _ = try await host.run(invocation, call: { await perform($0) })
    } catch {
      ending.how = verdict(error)
      ending.problem = complaint(error)
    }
    ending.duration = ContinuousClock.now - start
    return ending
  }

  /// What hooks have.
  private static let context: JSON = [
    "run": ["id": "r1", "stack": "web"], "hook": "after_task", "list": [1, [2], ["a": []]],
    "app": ["id": "/web", "endpoints": ["h:1"]],
  ]

  private static func modules() -> [ScriptModule] {
    guard let folder = try? Files.resource("modules") else { return [] }
    return Files.names(in: folder).compactMap { name in
      Files.bytesIfAny("\(folder)/\(name)").flatMap { ScriptModule(path: name, source: $0) }
    }
  }

  private static func perform(_ call: HostCall) async -> HostAnswer {
    guard let function = HostFunctions.named(call.function) else { return .failure(HostCallFailure(.internal, "?")) }
    switch function.check(call.arguments) {
    case .failure(let failure): return .failure(failure)
    case .success(let arguments):
      if call.function == "time.sleep" { try? await Task.sleep(for: .milliseconds(1)) }
      let now = Timestamp(millisecondsSinceEpoch: 1_800_000_000_000 + Int64(call.number))
      let context = ScriptContext(now: now, seed: (1, 2), call: call.number)
      return function.isPure ? PureFunctions.perform(function, arguments, context) : .result(.null)
    }
  }

  private static func verdict(_ failure: ScriptFailure) -> String {
    switch failure.kind {
    case .syntax, .runtime: "with an error"
    case .budgetExceeded(let budget): "over the \(budget.rawValue) budget"
    default: "as \(failure.kind)"
    }
  }

  /// What must not be in an error: nothing of the host, and no end that the host is to blame for.
  private static func complaint(_ failure: ScriptFailure) -> String? {
    switch failure.kind {
    case .helper, .brokenProtocol, .cancelled, .tooLarge: return "\(failure.kind): \(failure)"
    default: break
    }
    let text = ([failure.message] + failure.trace).joined(separator: "\n")
    for internals in ["[C]", "script-worker", "0x", ".swift", ".c:"] where text.contains(internals) {
      return "the error shows '\(internals)': \(text.prefix(200))"
    }
    return nil
  }

  @Test func sourcesThatAreHardToRead() async throws {
    func nest(_ open: String, _ middle: String, _ close: String, _ count: Int) -> String {
      String(repeating: open, count: count) + middle + String(repeating: close, count: count)
    }
    let sources = [
      "return " + nest("(", "1", ")", 100_000), "return " + nest("{", "", "}", 100_000),
      nest("do ", "", " end", 100_000), nest("function f() ", "", " end", 50_000),
      "return " + String(repeating: "- ", count: 300_000) + "1",
      "return " + String(repeating: "1 .. ", count: 150_000) + "1",
      "local " + (1...300).map { "a\($0)" }.joined(separator: ",") + " = 1",
      "return " + String(repeating: "a.", count: 300_000) + "b",
      "return \"" + String(repeating: "\\u{7FFFFFFF}", count: 70_000) + "\"",
      "--[" + String(repeating: "=", count: 500_000) + "[", "x = [" + String(repeating: "=", count: 500_000),
      "goto " + String(repeating: "a", count: 900_000), "\u{1B}Lua\u{54}\u{0}garbage", "#!/usr/bin/lua", "",
    ]
    for (index, source) in sources.enumerated() {
      let failure = try await Sandbox.failure(source, limits: ScriptLimits(cpu: .milliseconds(500), time: .seconds(5)))
      let acceptable: Set<ScriptFailure.Kind> = [
        .syntax, .runtime, .budgetExceeded(.cpu), .budgetExceeded(.memory), .budgetExceeded(.time),
      ]
      #expect(acceptable.contains(failure.kind), "source \(index): \(failure.kind) \(failure.message.prefix(200))")
      #expect(!failure.message.contains("[C]"))
    }
  }

  @Test func aSourceBeyondTheLimitIsNotRun() async throws {
    let failure = try await Sandbox.failure(String(repeating: "-", count: 1 << 21))
    #expect(failure.kind == .tooLarge)
    #expect(failure.message == "a.lua has 2097152 bytes; 1048576 are allowed")
  }
}
