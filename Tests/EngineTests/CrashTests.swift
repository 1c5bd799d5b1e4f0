import Concurrency
import Engine
import JSON
import StackModel
import Store
import Testing

/// Ends the server at every point at which it writes or changes something, starts another one on the same store, and checks
/// that the world is as if nothing had happened: every effect once.
@Suite(.timeLimit(.minutes(2))) struct CrashTests {
  enum Shape: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case chain, diamond, hooks, update, adopt, down, prune, failingHook, skip

    var testDescription: String { rawValue }

    var stack: Stack {
      switch self {
      case .chain: EngineTests.stack(application("a"), application("b", after: ["a"]), application("c", after: ["b"]))
      case .diamond, .down, .update, .adopt:
        EngineTests.stack(
          application("a"), application("b", after: ["a"]), application("c", after: ["a"]),
          application("d", after: ["b", "c"]) { $0.env["A"] = "${a.host}:${a.port0}" })
      case .hooks:
        EngineTests.stack(
          application("a", hooks: [.beforeScheduler, .afterScheduler, .afterTasks]),
          application("b", after: ["a"], hooks: [.beforeScheduler, .afterTasks]))
      case .prune: EngineTests.stack(application("a"), application("b", after: ["a"]), application("c", after: ["b"]))
      case .failingHook:
        EngineTests.stack(
          application("a"), application("b", after: ["a"], hooks: [.beforeScheduler]), application("c", after: ["b"]))
      case .skip: EngineTests.stack(application("a"), application("b", after: ["a"]))
      }
    }

    /// What the world has before the run.
    func prepare(_ world: World) async throws {
      try await world.add(stack)
      switch self {
      case .chain, .diamond, .hooks, .skip: return
      case .failingHook:
        world.hooks.answer("b before_scheduler", HookResult(status: .exited(3), outputTail: "no such database"))
        return
      case .adopt:
        world.cluster.install("/b", ["id": "b", "cmd": "something else"])
        return
      case .update, .down, .prune: break
      }
      let status = try await world.serve(world.engine()) { engine in
        try await engine.waitUntilFinal(try await engine.submit(RunRequest(stack: "s", user: "u")))
      }
      #expect(status.state == .succeeded)
      var changed = stack
      switch self {
      case .update: changed.applications["b"]?.cpu = 0.2
      case .prune:
        changed.applications["b"] = nil
        changed.applications["c"] = nil
      default: return
      }
      try await world.add(changed, revision: 2)
    }

    var request: RunRequest {
      var request = RunRequest(stack: "s", user: "u")
      switch self {
      case .down: request.kind = .down
      case .prune: request.prune = true
      case .adopt: request.existing = .adopt
      case .skip: request.skip = ["^a$"]
      default: break
      }
      return request
    }

    var end: RunRecord.State { self == .failingHook ? .failed : .succeeded }
  }

  /// The world as a run left it.
  struct Trace: Hashable, Sendable {
    var effects: [String]
    var hooks: [String]
    var deployed: [String: JSON]
    var owned: [String: JSON]
    var state: RunRecord.State
    var changes: [ApplicationStatus.Change?]
    var failure: RunFailure?
    var variables: [String]

    init(_ world: World, _ status: RunStatus) async throws {
      effects = world.cluster.effects.sorted()
      hooks = world.hooks.runs.sorted()
      deployed = world.deployed
      owned = try await world.owned()
      state = status.state
      changes = status.applications.map(\.change)
      failure = status.failure
      variables = status.variables.map { "\($0.key)=\($0.value)" }.sorted()
    }
  }

  /// Runs the shape through servers that end at these points, each counted from the server's start.
  /// - Returns: the trace, and whether the last of the points was reached.
  private func play(_ shape: Shape, crashes: [Int]) async throws -> (trace: Trace, points: [String], crashed: Int) {
    let world = World()
    try await shape.prepare(world)
    var run: RunID?
    var points: [String] = []
    var crashed = 0
    for crash in crashes {
      let power = CrashSwitch(crashAt: crash)
      let known = run
      run = try await world.serve(world.engine(power: power)) { engine in
        let id = if let known { known } else { try await engine.submit(shape.request) }
        await withTaskGroup(of: Void.self) { group in
          group.addTask { _ = try? await engine.waitUntilFinal(id) }
          group.addTask { try? await power.crashed.wait() }
          await group.next()
          group.cancelAll()
        }
        return id
      }
      points = power.points
      guard power.isDown else { break }
      crashed += 1
    }
    let submitted = run
    let status = try await world.serve(world.engine()) { engine in
      let id = if let submitted { submitted } else { try await engine.submit(shape.request) }
      // A run that was over when the first server ended is not driven any more.
      let status = try await engine.status(id)
      return status.state.isFinal ? status : try await engine.waitUntilFinal(id)
    }
    let record = try #require(try await world.store.run(status.id))
    #expect(record.state == status.state)
    return (try await Trace(world, status), points, crashed)
  }

  @Test(arguments: Shape.allCases)
  func everyEffectHappensOnceWhereverTheServerEnds(_ shape: Shape) async throws {
    let expected = try await play(shape, crashes: []).trace
    #expect(expected.state == shape.end)
    var point = 1
    while true {
      let (trace, points, crashed) = try await play(shape, crashes: [point])
      #expect(trace == expected, "the server ended at point \(point), \(points.last ?? "")")
      if crashed == 0 || trace != expected { break }
      point += 1
    }
    #expect(point > 5)
  }

  @Test(arguments: Shape.allCases)
  func everyEffectHappensOnceWhereverTwoServersEnd(_ shape: Shape) async throws {
    let expected = try await play(shape, crashes: []).trace
    let seed = UInt64.random(in: 1...UInt64.max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<20 {
      let crashes = [Int.random(in: 1...40, using: &random), Int.random(in: 1...20, using: &random)]
      let (trace, points, _) = try await play(shape, crashes: crashes)
      #expect(trace == expected, "seed \(seed), servers ended at \(crashes), the last at \(points.last ?? "")")
    }
  }
}

/// SplitMix64: what a seed gives is the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
