import Concurrency
import Engine
import EngineFakes
import FaultInjection
import JSON
import StackModel
import Store
import Testing

/// Events delivered twice, late and out of order, actions repeated, answers lost: whatever the course of events, the run ends
/// in the same world.
@Suite(.timeLimit(.minutes(20))) struct ScheduleTests {
  enum Shape: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case chain, diamond, hooks, tasks, scripts, update, adopt, prune, down, cancelled

    var testDescription: String { rawValue }

    var stack: Stack {
      switch self {
      case .chain, .prune:
        EngineFakes.stack(application("a"), application("b", after: ["a"]), application("c", after: ["b"]))
      case .diamond, .update, .adopt, .down:
        EngineFakes.stack(
          application("a"), application("b", after: ["a"]), application("c", after: ["a"]),
          application("d", after: ["b", "c"]))
      case .hooks:
        EngineFakes.stack(
          application("a", hooks: [.beforeScheduler, .afterScheduler, .afterTasks]),
          application("b", after: ["a"], hooks: [.beforeScheduler, .afterTasks]))
      case .tasks:
        EngineFakes.stack(
          application("a"),
          application("k", after: ["a"]) { application in
            application.type = "kafka"
            application.tasks = ["brokers", "topics", "acls"].map { ApplicationTask($0, []) }
            application.hooks.beforeTask = ["k before_task"]
          })
      case .scripts, .cancelled:
        EngineFakes.stack(
          application("a", hooks: [.beforeScheduler]) {
            $0.hooks.afterScheduler = [.lua(HookScript(.text("deploying")))]
          },
          application("b", after: ["a"]) { $0.hooks.afterTasks = [.lua(HookScript(.text("removing")))] })
      }
    }

    /// The kinds of answers of which some come twice in so many courses, after whatever has come since.
    var answers: Set<String> {
      switch self {
      case .chain, .diamond, .update, .adopt: ["observed", "changed"]
      case .hooks: ["observed", "changed", "hook"]
      case .tasks: ["observed", "changed", "hook", "filled", "taskEnded"]
      case .scripts: ["observed", "changed", "disowned", "hook", "called", "performed", "scriptEnded"]
      case .prune, .down, .cancelled: ["observed", "changed", "disowned"]
      }
    }

    /// The actions of which some are done twice in so many courses.
    var repeated: Set<String> {
      let always: Set = ["requestLock", "readCluster", "observe", "wake"]
      return switch self {
      case .chain, .diamond: always.union(["create"])
      case .hooks: always.union(["create", "startHook"])
      case .tasks: always.union(["create", "startHook", "fill"])
      case .scripts:
        always.union(["create", "destroy", "disown", "startHook", "runScript", "performCall", "answerCall"])
      case .update: always.union(["update"])
      // Who owns it.
      case .adopt: always.union(["update", "change"])
      case .prune, .down, .cancelled: always.union(["readOwnership", "destroy", "disown"])
      }
    }

    private static let programs = ["deploying": SimulatedScript.deploying, "removing": .removing]

    /// A course of events, on the world that an earlier run has left where there is one.
    func play(seed: UInt64, endsServers: Bool) throws -> Simulation {
      var simulation: Simulation
      switch self {
      case .chain, .diamond, .hooks, .tasks: simulation = Simulation(stack, seed: seed, endsServers: endsServers)
      case .scripts:
        simulation = Simulation(
          stack, seed: seed, endsServers: endsServers, programs: Self.programs, scripted: ["/one"])
      case .update, .down:
        let before = try before(seed)
        var changed = stack
        changed.applications["b"]?.cpu = 0.5
        changed.applications["d"]?.mem = 64
        simulation = Simulation(
          changed, seed: seed, endsServers: endsServers, apps: before.apps, owners: before.owners,
          kind: self == .down ? .down : .deploy)
        simulation.follow(before)
      case .adopt:
        // Of b and c nobody knows any more whose they are; c was changed since.
        let before = try before(seed)
        var (apps, owners) = (before.apps, before.owners)
        for id in ["/b", "/c"] { owners[id] = nil }
        var definition = apps["/c"]?.definition.objectValue ?? [:]
        definition["cpus"] = 0.7
        apps["/c"]?.definition = .object(definition)
        simulation = Simulation(
          stack, seed: seed, endsServers: endsServers, apps: apps, owners: owners, existing: .adopt)
        simulation.follow(before)
      case .prune:
        let before = try before(seed)
        simulation = Simulation(
          EngineFakes.stack(application("a")), seed: seed, endsServers: endsServers, apps: before.apps,
          owners: before.owners, prune: true)
        simulation.follow(before)
      case .cancelled:
        var cancelled = Simulation(
          stack, seed: seed, endsServers: endsServers, programs: Self.programs, scripted: ["/one"])
        try cancelled.run(cancelledWithin: 60_000)
        cancelled.comeToRest()
        // Whatever it has left, `down` removes.
        simulation = Simulation(
          stack, seed: seed, endsServers: endsServers, apps: cancelled.apps, owners: cancelled.owners, kind: .down)
        simulation.follow(cancelled)
      }
      try simulation.run()
      return simulation
    }

    private func before(_ seed: UInt64) throws -> Simulation {
      var before = Simulation(stack, seed: seed &+ 1, endsServers: false)
      try before.run()
      before.comeToRest()
      return before
    }
  }

  @Test(arguments: Shape.allCases, [false, true])
  func everyCourseOfEventsEndsInTheSameWorld(_ shape: Shape, _ endsServers: Bool) throws {
    var random = FaultBudget.generator("schedule \(shape) \(endsServers)")
    var faults = 0
    var repeated: Set<String> = []
    var cameTwice: Set<String> = []
    let sample = FaultBudget.isExhaustive ? 2_000 : 40
    // A sample may happen to be without one of them.
    for number in 0..<(10 * sample) {
      let isComplete = shape.answers.isSubset(of: cameTwice) && shape.repeated.isSubset(of: repeated)
      if number >= sample, isComplete { break }
      let seed = UInt64.random(in: 0 ... .max, using: &random)
      do {
        let simulation = try shape.play(seed: seed, endsServers: endsServers)
        faults += simulation.faults
        repeated.formUnion(simulation.repeated)
        cameTwice.formUnion(simulation.cameTwice)
      } catch {
        Issue.record("\(shape), course \(seed), servers end: \(endsServers), \(FaultBudget.again)\n\(error)")
        return
      }
    }
    #expect(shape.answers.subtracting(cameTwice) == [], "none of these came twice, \(FaultBudget.again)")
    #expect(shape.repeated.subtracting(repeated) == [], "none of these was done twice, \(FaultBudget.again)")
    FaultBudget.tried(faults, "schedules", "\(shape)\(endsServers ? " through several servers" : "")")
  }
}
