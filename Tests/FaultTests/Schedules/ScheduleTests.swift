import Concurrency
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
    case chain, diamond, hooks, update, down

    var testDescription: String { rawValue }

    var stack: Stack {
      switch self {
      case .chain:
        EngineFakes.stack(application("a"), application("b", after: ["a"]), application("c", after: ["b"]))
      case .diamond, .update, .down:
        EngineFakes.stack(
          application("a"), application("b", after: ["a"]), application("c", after: ["a"]),
          application("d", after: ["b", "c"]))
      case .hooks:
        EngineFakes.stack(
          application("a", hooks: [.beforeScheduler, .afterScheduler, .afterTasks]),
          application("b", after: ["a"], hooks: [.beforeScheduler, .afterTasks]))
      }
    }

    /// A course of events on the world that an earlier run has left, where there is one.
    func simulation(seed: UInt64, endsServers: Bool) throws -> Simulation {
      switch self {
      case .chain, .diamond, .hooks: return Simulation(stack, seed: seed, endsServers: endsServers)
      case .update, .down:
        var before = Simulation(stack, seed: seed &+ 1, endsServers: false)
        try before.run()
        var changed = stack
        changed.applications["b"]?.cpu = 0.5
        changed.applications["d"]?.mem = 64
        return Simulation(
          changed, seed: seed, endsServers: endsServers, apps: before.apps, owners: before.owners,
          kind: self == .down ? .down : .deploy)
      }
    }
  }

  @Test(arguments: Shape.allCases, [false, true])
  func everyCourseOfEventsEndsInTheSameWorld(_ shape: Shape, _ endsServers: Bool) throws {
    var random = FaultBudget.generator("schedule \(shape) \(endsServers)")
    var faults = 0
    for _ in 0..<(FaultBudget.isExhaustive ? 2_000 : 40) {
      let seed = UInt64.random(in: 0 ... .max, using: &random)
      do {
        var simulation = try shape.simulation(seed: seed, endsServers: endsServers)
        try simulation.run()
        faults += simulation.faults
      } catch {
        Issue.record("\(shape), course \(seed), servers end: \(endsServers), \(FaultBudget.again)\n\(error)")
        return
      }
    }
    FaultBudget.tried(faults, "schedules", "\(shape)\(endsServers ? " through several servers" : "")")
  }
}
