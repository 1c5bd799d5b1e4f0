import Concurrency
import Engine
import EngineFakes
import FaultInjection
import StackModel
import Store
import Testing

/// Failed runs that were to go on, and could not be stored as such, or so the store said: with this server each of them goes on,
/// or has failed still and can be resumed again.
@Suite(.timeLimit(.minutes(1))) struct AroundReopeningTests {
  enum Place: String, CaseIterable, Sendable {
    case beforeRecord, afterRecord, beforeJournal, afterJournal

    fileprivate func isMet(by point: FaultPoint) -> Bool {
      switch self {
      case .beforeRecord: point.moment == .before && point.name == "record queued"
      case .afterRecord: point.moment == .after && point.name == "record queued"
      case .beforeJournal: point.moment == .before && point.name == "journal resumed"
      case .afterJournal: point.moment == .after && point.name == "journal resumed"
      }
    }
  }

  private let world: SagaWorld
  private let run = RunID(1)

  init() async throws {
    world = try SagaWorld(.sqlite)
    try await world.add(Stack(name: "s", applications: ["a": application("a")]))
    world.cluster.refuse("create /a", ClusterError(.invalid, "no such role"))
  }

  /// A server with a failed run whose store fails once at this place, when it is resumed the first time.
  private func afterRefusedResume(
    _ place: Place, _ body: @escaping @Sendable (Engine, any Store) async throws -> Void
  ) async throws {
    let hasFailed = Locked(false)
    let gate = ScriptedGate(choose: { _, point in
      guard place.isMet(by: point) else { return nil }
      return hasFailed.withLock { hasFailed in
        defer { hasFailed = true }
        return hasFailed ? nil : .unavailable
      }
    })
    try await world.serve(gate: gate) { engine, store in
      let id = try await engine.submit(RunRequest(stack: "s", user: "u"))
      #expect(try await engine.waitUntilFinal(id).state == .failed)
      let refusal = await #expect(throws: EngineError.self) { try await engine.resume(id, .retryStep, by: "u") }
      #expect(refusal?.code == .store(.unavailable))
      try await body(engine, store)
    }
    FaultBudget.tried(1, "around", "a failed run that is resumed, \(place.rawValue)")
  }

  @Test(arguments: Place.allCases) func itGoesOnOrCanBeResumedAgain(_ place: Place) async throws {
    try await afterRefusedResume(place) { [run] engine, store in
      do {
        try await engine.resume(run, .retryStep, by: "u")
        #expect(place != .afterJournal)
      } catch let error as EngineError {
        #expect(error.code == .conflict, "\(error)")
        #expect(place == .afterJournal, "\(error)")
      }
      let status = try await engine.waitUntilFinal(run)
      #expect(status.state == .succeeded, "\(status)")
      let record = try await store.run(run)
      #expect(record?.state == .succeeded)
      #expect(record?.error == nil)
    }
    #expect(world.cluster.effects == ["create /a"])
  }

  @Test(arguments: Place.allCases) func whatComesLaterComesBehindIt(_ place: Place) async throws {
    try await afterRefusedResume(place) { [run] engine, store in
      let down = try await engine.submit(RunRequest(kind: .down, stack: "s", user: "u"))
      #expect(try await engine.waitUntilFinal(down).state == .succeeded)
      #expect(try await engine.waitUntilFinal(run).state == (place == .afterJournal ? .succeeded : .failed))
    }
    #expect(world.cluster.effects == (place == .afterJournal ? ["create /a", "destroy /a"] : []))
    #expect(world.deployed.isEmpty)
  }

  @Test(arguments: Place.allCases) func recordAndJournalAgreeSoonWithoutAnybody(_ place: Place) async throws {
    try await afterRefusedResume(place) { [run] engine, store in
      while true {
        let state = try await store.run(run)?.state
        if state == (place == .afterJournal ? .succeeded : .failed) { break }
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(try await engine.status(run).state == (place == .afterJournal ? .succeeded : .failed))
    }
  }
}
