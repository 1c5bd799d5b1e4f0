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
  /// CPU time of a worker: what a script that does not stop is left when its budget is used up (budgets.c), and what the kernel's ticks, at which
  /// it looks, and the giving back of the memory add.
  private static let mostCPU = limits.cpu + .milliseconds(100) + .milliseconds(50)
  /// Of ours those that do little but call their host, which takes many times as long over each answer as they need CPU time to ask for it: these may
  /// end with their time, having used less than their budget. All others end before, by themselves or over a budget.
  private static let waiting: Set = [
    "host_call_flood.lua", "host_error_metatable_borrowed.lua", "host_parallel_loops.lua", "host_retry_recursive.lua",
    "host_retry_yields.lua", "host_wait_for_ever.lua",
  ]

  private struct Script: Sendable {
    var path: String
    /// Whether its time may be what ends it.
    var mayWait: Bool

    /// One that does not wait gets the CPU time that it is to use up, however little of it the machine has to give.
    var limits: ScriptLimits {
      var limits = AttackTests.limits
      if !mayWait { limits.time = .seconds(20) }
      return limits
    }

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
  }

  private struct Ending: Sendable {
    var name: String
    var how: String
    var duration: Duration
    var cpu: Duration
    var problem: String?
  }

  /// Ours, and those of a folder that `STACK_DEPLOY_TEST_ATTACKS` names, of which it is not known whether they wait.
  private static func scripts() throws -> [Script] {
    func scripts(in folder: String, mayWait: (String) -> Bool) -> [Script] {
      Files.names(in: folder).filter { $0.hasSuffix(".lua") }.map {
        Script(path: "\(folder)/\($0)", mayWait: mayWait($0))
      }
    }
    let own = scripts(in: try Files.resource("attacks"), mayWait: waiting.contains)
    guard let more = getenv("STACK_DEPLOY_TEST_ATTACKS") else { return own }
    return own + scripts(in: String(cString: more)) { _ in true }
  }

  @Test(.timeLimit(.minutes(5))) func everyAttackEndsAcceptably() async throws {
    let host = try Sandbox.host()
    let scripts = try Self.scripts()
    #expect(scripts.count >= 120)
    #expect(Self.waiting.subtracting(scripts.map(\.name)).isEmpty)
    // One at a time: what is measured is each script's own.
    var endings: [Ending] = []
    for script in scripts { endings.append(await Self.attack(script, host)) }
    for ending in endings { if let problem = ending.problem { Issue.record("\(ending.name): \(problem)") } }
    let counts = Dictionary(grouping: endings, by: \.how).mapValues(\.count).sorted { $0.key < $1.key }
    print("attacks: \(endings.count); " + counts.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
    if let most = endings.max(by: { $0.cpu < $1.cpu }) { print("attacks: most CPU time: \(most.cpu) of \(most.name)") }
    #expect(children(named: "script-worker").isEmpty, "no worker survives its step")
    // The string library of the next script is as ever.
    #expect(try await Sandbox.value("return ('x'):rep(3) .. ('a'):upper()") == "xxxA")
  }

  /// A script that is late is tried again: only one that is always late is to blame, not the machine.
  private static func attack(_ script: Script, _ host: ScriptHost) async -> Ending {
    var ending = await attempt(script, host)
    for _ in 0..<2 where excess(ending, script) != nil { ending = await attempt(script, host) }
    if let excess = excess(ending, script) { ending.problem = excess }
    return ending
  }

  private static func excess(_ ending: Ending, _ script: Script) -> String? {
    if ending.duration > script.limits.time + tolerance { return "it took \(ending.duration)" }
    if ending.cpu > mostCPU { return "it took \(ending.cpu) of CPU time" }
    guard ending.how == verdict(ScriptFailure(.budgetExceeded(.time), "")) else { return nil }
    if !script.mayWait || ending.cpu > limits.cpu + .milliseconds(50) {
      return "only its time has ended it, after \(ending.cpu) of CPU time"
    }
    return nil
  }

  private static func attempt(_ script: Script, _ host: ScriptHost) async -> Ending {
    var ending = Ending(name: script.name, how: "ended", duration: .zero, cpu: .zero)
    let source = (try? Files.bytes(script.path)) ?? []
    let invocation = ScriptInvocation(
      name: script.name, source: source, seed: (1, 2), limits: script.limits, hasOutput: true, wantsResult: true,
      functions: HostFunctions.all(in: .hook), context: context, modules: modules())
    let start = ContinuousClock.now
    let usedBefore = cpuOfEndedChildren()
    do throws(ScriptFailure) {
      _ = try await host.run(invocation, call: { await perform($0) })
    } catch {
      ending.how = verdict(error)
      ending.problem = complaint(error)
    }
    ending.duration = ContinuousClock.now - start
    ending.cpu = cpuOfEndedChildren() - usedBefore
    return ending
  }

  /// When a script has been run, its worker is among them.
  private static func cpuOfEndedChildren() -> Duration {
    var usage = rusage()
    getrusage(RUSAGE_CHILDREN.rawValue, &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(.zero) { $0 + .seconds($1.tv_sec) + .microseconds($1.tv_usec) }
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

  /// However little it runs at once: a clock that counts the kernel's ticks met such a script seldom, and gave it several times its budget.
  @Test(.timeLimit(.minutes(2)), arguments: [Duration.zero, .milliseconds(1)])
  func whatIsUsedBetweenCallsIsCounted(wait: Duration) async throws {
    let limits = ScriptLimits(cpu: .milliseconds(60), time: .seconds(100))
    let used = Locked(Duration.zero)
    let host = try Sandbox.host()
    let failure = await #expect(throws: ScriptFailure.self) {
      try await host.run(
        Sandbox.invocation(
          "while true do for i = 1, 1000 do end pcall(host.echo) end", limits: limits, functions: ["host.echo"]),
        call: { call in
          used.withLock { $0 = call.cpu }
          if wait > .zero { try? await Task.sleep(for: wait) }
          return .result(.null)
        })
    }
    #expect(failure?.kind == .budgetExceeded(.cpu))
    #expect(failure?.place == "a.lua:1")
    let most = used.withLock { $0 }
    #expect(most <= limits.cpu + .milliseconds(5), "\(most)")
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
