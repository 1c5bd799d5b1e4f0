import JSON
import ScriptHost
import Testing

/// What is not held against a script that may not keep its turn for long. What is, see FakeWorkerTests.
struct TurnTests {
  private static let limits = ScriptLimits(cpu: .milliseconds(500), silence: .seconds(1))
  /// Longer than a turn may last.
  private static let wait = Duration.seconds(3)

  private func run(_ source: String, on host: ScriptHost) async throws -> JSON {
    try await host.run(
      Sandbox.invocation(source, limits: Self.limits, functions: ["host.echo"]),
      output: { _ in try? await Task.sleep(for: Self.wait) },
      call: { call in
        try? await Task.sleep(for: Self.wait)
        return .result(call.arguments.first ?? .null)
      })
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: ["return host.echo(7)", "print('x') return 7"])
  func aScriptWaitsForItsHostAsLongAsThatTakes(source: String) async throws {
    #expect(try await run(source, on: Sandbox.host()) == 7)
  }

  @Test(.timeLimit(.minutes(1))) func soDoBranches() async throws {
    var invocation = Sandbox.invocation(
      "local r = parallel { function() return vars.get('a') end, function() return vars.get('b') end } return r[1] .. r[2]",
      limits: Self.limits)
    invocation.functions = HostFunctions.all(in: .hook)
    let value = try await Sandbox.host().run(
      invocation,
      call: { call in
        guard call.function == "vars.get" else { return .result(.null) }
        try? await Task.sleep(for: Self.wait)
        return .result(call.arguments.first ?? .null)
      })
    #expect(value == "ab")
  }

  /// The second one to be started stands in line until the first one has printed.
  @Test(.timeLimit(.minutes(1))) func standingInLineIsNoTurn() async throws {
    let host = try Sandbox.host(concurrency: 1)
    async let one = run("print('x') return 1", on: host)
    async let other = run("print('x') return 2", on: host)
    #expect(try await [one, other] == [1, 2])
  }
}
