import Concurrency
import Engine
import EngineFakes
import JSON
import ScriptHost
import StackModel
import Store
import Testing

/// Shell commands of scripts.
@Suite struct ScriptShellTests {
  private func started(_ world: World) async throws {
    try await eventually("the command runs") { !world.hooks.runs.isEmpty }
  }

  @Test func statusAndOutputsAreAnswers() async throws {
    let world = try await World.scripted { _, call in
      let result = try await call("shell.run", ["one\ntwo", ["env": ["A": "b"]]])
      #expect(result == ["stdout": "out", "stderr": "A=b\n", "status": 3])
      let answer = try await call("shell.run", ["killed"])
      #expect(answer["status"] == 137)
    }
    world.hooks.answer("two", HookResult(status: .exited(3), outputTail: "out"))
    world.hooks.answer("killed", HookResult(status: .signalled(9), outputTail: ""))
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.hooks.runs == ["one; two", "killed"])
    // What is kept of them goes with the run.
    #expect(world.hooks.state.withLock { Set($0.forgotten) == Set($0.hooks.keys) && $0.forgotten.count == 2 })
  }

  @Test func aCommandThatTakesTooLongIsEnded() async throws {
    let world = try await World.scripted { _, call in
      do {
        _ = try await call("shell.run", ["sleep", ["timeout": "5s"]])
        Issue.record("it came to an end")
      } catch let failure as HostCallFailure {
        #expect(failure.code == .timeout)
        #expect(failure.details["stdout"] != nil)
      }
    }
    world.hooks.makeSlow()
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(
      world.hooks.state.withLock { $0.hooks.values.map(\.state) } == [
        .finished(HookResult(status: .cancelled, outputTail: ""))
      ])
  }

  /// The server stops while the command runs: it goes on, and the next server takes it up, also where it has ended meanwhile.
  @Test(arguments: [true, false])
  func aCommandOutlivesItsServer(endsBetween: Bool) async throws {
    let world = try await World.scripted { _, call in
      let answer = try await call("shell.run", ["long"])
      #expect(answer["status"] == 4)
    }
    world.hooks.makeSlow()
    try await world.serve(world.engine()) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await started(world)
    }
    if endsBetween { world.hooks.end(HookResult(status: .exited(4), outputTail: "")) }
    let status = try await world.serve(world.engine()) { engine in
      if !endsBetween {
        try await eventually("waits") {
          try await engine.status(RunID(1)).applications.first?.waiting?.cause.name == "call"
        }
        world.hooks.end(HookResult(status: .exited(4), outputTail: ""))
      }
      return try await engine.waitUntilFinal(RunID(1))
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.hooks.runs == ["long"])
  }

  @Test func aCommandThatIsLostBlocksAndCanBeRunAgain() async throws {
    let world = try await World.scripted { _, call in _ = try await call("shell.run", ["long"]) }
    world.hooks.makeSlow()
    try await world.serve(world.engine()) { engine in
      _ = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await started(world)
    }
    world.hooks.lose()
    let status = try await world.serve(world.engine()) { engine in
      let status = try await engine.waitUntilSettled(RunID(1))
      #expect(status.state == .blocked)
      #expect(status.failure?.reason.contains("neither a process nor a result") == true, "\(status)")
      world.hooks.answer("long", HookResult(status: .exited(0), outputTail: ""))
      world.time.advance(by: .seconds(1))
      try await engine.resume(RunID(1), .retryStep, by: "u")
      return try await engine.waitUntilFinal(RunID(1))
    }
    #expect(status.state == .succeeded, "\(status)")
    #expect(world.hooks.runs == ["long", "long"])
  }

  @Test func cancelEndsACommand() async throws {
    let world = try await World.scripted { _, call in _ = try await call("shell.run", ["long"]) }
    world.hooks.makeSlow()
    let status = try await world.serve(world.engine()) { engine in
      let run = try await engine.submit(RunRequest(stack: "s", user: "u"))
      try await started(world)
      try await engine.cancel(run, by: "u")
      return try await engine.waitUntilFinal(run)
    }
    #expect(status.state == .cancelled)
    #expect(
      world.hooks.state.withLock { $0.hooks.values.map(\.state) } == [
        .finished(HookResult(status: .cancelled, outputTail: ""))
      ])
  }
}
