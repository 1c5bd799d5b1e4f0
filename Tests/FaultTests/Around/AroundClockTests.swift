import Concurrency
import Engine
import EngineFakes
import FaultInjection
import StackModel
import Store
import Testing

/// The wall clock is set by an hour, forward and back, at each step and while the server is down.
@Suite(.timeLimit(.minutes(30))) struct AroundClockTests {
  private static let hour = Duration.seconds(3_600)
  private static let sagas: [Saga] = [.diamond, .tasks, .down, .update, .failingAfterTask, .queue]

  @Test(arguments: sagas)
  func settingTheClockChangesNoRun(_ saga: Saga) async throws {
    let baseline = try await SagaPlay(saga: saga, title: "no fault").run()
    let all = (1...baseline.points.count).flatMap { number in [Self.hour, .zero - Self.hour].map { (number, $0) } }
    let chosen = FaultBudget.choose(all, sample: 14, for: "clock \(saga)")
    let faults = Locked(0)
    for (number, change) in chosen {
      var play = SagaPlay(saga: saga, title: "the clock is set by \(change) at \(number), \(FaultBudget.again)")
      play.atPoint = { point, world in
        guard point == number else { return }
        world.time.set(by: change)
        faults.withLock { $0 += 1 }
      }
      let differences = try await play.run().trace.differences(from: baseline.trace)
      #expect(differences.isEmpty, "\(saga), \(play.title)\n\(differences)")
    }
    FaultBudget.tried(faults.withLock { $0 }, "around", "\(saga) with a clock that is set")
  }

  @Test(arguments: sagas)
  func theClockMayBeSetWhileTheServerIsDown(_ saga: Saga) async throws {
    let baseline = try await SagaPlay(saga: saga, title: "no fault").run()
    let all = (1...baseline.points.count).flatMap { number in [Self.hour, .zero - Self.hour].map { (number, $0) } }
    let chosen = FaultBudget.choose(all, sample: 10, for: "clock down \(saga)")
    var faults = 0
    for (number, change) in chosen {
      var play = SagaPlay(saga: saga, title: "the server ends at \(number), then the clock is set by \(change)")
      play.lives = [{ count, _ in count == number ? .gone : nil }]
      let isSet = Locked(false)
      play.afterLife = { world in
        let isFirst = isSet.withLock { isSet in
          defer { isSet = true }
          return !isSet
        }
        if isFirst { world.time.set(by: change) }
      }
      let result = try await play.run()
      faults += result.happened.count + (isSet.withLock { $0 } ? 1 : 0)
      if change > .zero {
        // What had not come in time fails, after one more look, and says that it was late; or the queue was too long.
        let reasons = result.trace.failures.compactMap(\.self).filter { failure in
          !baseline.trace.failures.contains(failure)
        }
        for failure in reasons {
          #expect(
            failure.cause == .timeout || failure.cause == .conflict,
            "\(saga), \(play.title), \(FaultBudget.again): \(failure)")
        }
      } else if result.blocked.isEmpty {
        let differences = result.trace.differences(from: baseline.trace)
        #expect(differences.isEmpty, "\(saga), \(play.title), \(FaultBudget.again)\n\(differences)")
      }
    }
    FaultBudget.tried(faults, "around", "\(saga) with a clock that is set between two servers")
  }
}
