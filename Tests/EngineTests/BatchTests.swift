import Concurrency
import Engine
import EngineFakes
import FaultInjection
import JSON
import StackModel
import Store
import Testing

/// What happens at the same time is asked and noted together, and each still gets its own answer.
@Suite(.timeLimit(.minutes(1))) struct BatchTests {
  @Test func ownersOfAllThatBeginAreOneQuestion() async throws {
    let world = World()
    try await world.add(stack((0..<100).map { application("a\($0)") }))
    let gate = ScriptedGate()
    let status = try await world.serve(world.engine(gate: gate)) { engine in
      try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "s", user: "u")))
    }
    #expect(status.state == .succeeded)
    #expect(gate.points.filter { $0.name.hasPrefix("owners of ") }.count == 1)
    #expect(try await world.owned().count == 100)
  }

  /// Claims for somebody else the last of the first applications that a run claims together, just before that.
  private final class Thief: FaultGate {
    let world: World
    private let loot = Locked<String?>(nil)

    init(_ world: World) {
      self.world = world
    }

    var stolen: String? { loot.withLock { $0 } }

    func pass(_ point: FaultPoint) async -> Fault? {
      guard point.kind == .commit, point.moment == .before, point.name.hasPrefix("ownership ") else { return nil }
      let names = point.name.dropFirst("ownership ".count).split(separator: ",")
      guard names.count > 1, let last = names.last else { return nil }
      let application = last.drop { $0 == " " }
      let isFirst = loot.withLock { loot in
        defer { loot = loot ?? String(application) }
        return loot == nil
      }
      guard isFirst else { return nil }
      let claim = OwnershipRecord(
        application: String(application), stack: "thief", zone: "", revision: 1, run: RunID(99), versionBefore: nil,
        definition: nil, dependencies: [], at: world.time.now())
      do {
        try await world.store.putOwnership(claim, epoch: Epoch(.max))
      } catch {
        // These were no claims, but notes of what has been claimed: the next ones then.
        loot.withLock { $0 = nil }
      }
      return nil
    }
  }

  @Test func aClaimThatIsRefusedLeavesItsNeighboursAlone() async throws {
    let world = World()
    try await world.add(stack((0..<100).map { application("a\($0)") }))
    let thief = Thief(world)
    let status = try await world.serve(world.engine(gate: thief)) { engine in
      try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "s", user: "u")))
    }
    #expect(status.state == .succeeded)
    #expect(thief.stolen != nil)
    // The thief has a claim and no application: the next try takes it over. Nothing was done twice.
    #expect(world.cluster.effects.count == 100)
    #expect(try await world.owned().count == 100)
  }
}
