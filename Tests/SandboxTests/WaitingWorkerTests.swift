import Concurrency
import Glibc
import JSON
import ScriptHost
import Testing

/// Workers that end while they wait for an answer of their host's that does not come.
struct WaitingWorkerTests {
  /// Signals the worker when the script waits for a call that has the word "fatal" in its arguments, which is never answered.
  private func failure(_ source: String, signal: Int32) async throws -> (ScriptFailure, Duration) {
    var invocation = Sandbox.invocation(source)
    invocation.functions = HostFunctions.all(in: .hook)
    let host = try Sandbox.host()
    let killed = Locked(ContinuousClock.now)
    let failure = try await #require(
      #expect(throws: ScriptFailure.self) {
        try await host.run(
          invocation,
          call: { call in
            guard JSON.array(call.arguments).text.contains("fatal") else { return .result(.null) }
            // Until the worker has asked for the answer of one of its branches, too.
            try? await Task.sleep(for: .milliseconds(100))
            killed.withLock { $0 = .now }
            for worker in children(named: "script-worker") { kill(worker, signal) }
            try? await Task.sleep(for: .seconds(20))
            return .result(.null)
          })
      })
    return (failure, ContinuousClock.now - killed.withLock { $0 })
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      ("vars.get('a')\nhttp.get('http://fatal/')", 2, "a.lua:2", "http.get"),
      ("pcall(vars.get, 'fatal')", 1, "a.lua:1", "vars.get"),
      ("parallel {\n function() vars.get('a') end,\n function() vars.get('fatal') end }", 3, "a.lua:3", "vars.get"),
    ])
  func itsDeathIsNoticed(source: String, number: Int, place: String, function: String) async throws {
    let (failure, duration) = try await failure(source, signal: SIGKILL)
    #expect(failure.kind == .workerDied)
    #expect(
      failure.description
        == "\(place): the worker of a.lua was killed, by the system's limits or from outside; "
        + "its last call was \(number), \(function)")
    #expect(duration < .seconds(1), "\(duration)")
  }

  /// It has the time to say where it is.
  @Test(.timeLimit(.minutes(1))) func soIsThatItWasAskedToStop() async throws {
    let (failure, duration) = try await failure("local function f()\n vars.get('fatal') end\nf()", signal: SIGTERM)
    #expect(failure.kind == .workerDied)
    #expect(failure.description == "a.lua:2: the worker of a.lua was stopped from outside")
    #expect(failure.trace == ["a.lua:2: in local 'f'", "a.lua:3: in main chunk"])
    #expect(duration < .seconds(1), "\(duration)")
  }
}
