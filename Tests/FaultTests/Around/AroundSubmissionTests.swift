import Concurrency
import Engine
import EngineFakes
import FaultInjection
import StackModel
import Store
import Testing

/// Runs that are stored although the store says otherwise: they are carried out, in the order in which they were asked for.
@Suite(.timeLimit(.minutes(1))) struct AroundSubmissionTests {
  private let world: SagaWorld
  /// Only the first run's answer gets lost.
  private let gate: ScriptedGate

  init() async throws {
    world = try SagaWorld(.sqlite)
    try await world.add(Stack(name: "s", applications: ["a": application("a")]))
    let isLost = Locked(false)
    gate = ScriptedGate(choose: { _, point in
      guard point.name.contains("run of "), point.moment == .after else { return nil }
      return isLost.withLock { isLost in
        defer { isLost = true }
        return isLost ? nil : .unavailable
      }
    })
  }

  private func expectUnavailable(_ engine: Engine, as submission: Submission? = nil) async throws {
    do {
      _ = try await engine.submit(RunRequest(stack: "s", user: "u"), as: submission)
      Issue.record("it was accepted")
    } catch {
      #expect(error.code == .store(.unavailable))
    }
  }

  @Test func whatComesLaterComesBehindIt() async throws {
    let states = try await world.serve(gate: gate) { engine, store in
      try await expectUnavailable(engine)
      let down = try await engine.submit(RunRequest(kind: .down, stack: "s", user: "u"))
      _ = try await engine.waitUntilFinal(down)
      return try await store.runs(matching: RunFilter(), after: nil, limit: 10).elements.map(\.state)
    }
    #expect(states == [.succeeded, .succeeded])
    #expect(world.cluster.effects == ["create /a", "destroy /a"])
    FaultBudget.tried(1, "around", "a run that is stored although the store says otherwise")
  }

  @Test func itsKeyStandsForIt() async throws {
    let state = try await world.serve(gate: gate) { engine, _ in
      let submission = Submission(user: "u", key: "k", digest: "d")
      try await expectUnavailable(engine, as: submission)
      let again = try await engine.submit(RunRequest(stack: "s", user: "u"), as: submission)
      #expect(!again.isNew)
      return try await engine.waitUntilFinal(again.id).state
    }
    #expect(state == .succeeded)
    #expect(world.cluster.effects == ["create /a"])
  }

  @Test func nothingHasToComeLater() async throws {
    try await world.serve(gate: gate) { engine, store in
      try await expectUnavailable(engine)
      while true {
        let runs = try await store.runs(matching: RunFilter(), after: nil, limit: 10).elements
        #expect(runs.count == 1)
        if runs.first?.state == .succeeded { break }
        try await Task.sleep(for: .milliseconds(5))
      }
    }
    #expect(world.cluster.effects == ["create /a"])
  }
}
