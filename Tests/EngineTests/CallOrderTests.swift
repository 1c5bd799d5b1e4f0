import Concurrency
import EngineFakes
import ScriptHost
import StackModel
import Testing

@testable import Engine

/// The calls of one script for one application: one after another, and however many there are.
@Suite struct CallOrderTests {
  private static let step = StepReference(application: "s", step: .run, attempt: 1)

  private var bench: StateMachineTests.Bench {
    StateMachineTests.Bench(Stack(name: "s", run: HookScript(.function(.run), line: 3)))
  }

  private func call(_ number: Int, _ application: String, _ function: String = "marathon.deploy") -> JournalEntry {
    .called(
      Self.step, CallRecord(number: number, function: function, application: application, digest: "", arguments: "{}"))
  }

  private func over(_ number: Int, _ state: ApplicationStatus.State = .done) -> JournalEntry {
    .applicationState(application: "s/run#\(number)", state, nil)
  }

  @Test func aChangeWaitsForThoseBeforeItThatAreNotOver() {
    var machine = bench.machine
    let entries = [
      call(1, "/a"), call(2, "/a", "marathon.scale"), call(3, "/b"), call(4, "/a", "wait_healthy"),
      call(5, "/a", "marathon.restart"), over(2), call(6, "/a"), over(5, .failed), over(1, .stopped),
      call(7, "/a", "marathon.destroy"), over(6), over(7), call(8, "/a"),
    ]
    for (sequence, entry) in entries.enumerated() {
      machine.replay(entry, sequence: Int64(sequence + 1), at: machine.createdAt)
    }
    let waits = machine.walks.filter { $0.caller != nil }.map { walk in
      walk.dependencies.compactMap { $0.split(separator: "#").last.flatMap { Int($0) } }
    }
    #expect(waits == [[], [1], [], [], [1, 2], [1, 5], [6], []])
  }

  /// Looking at all earlier calls at each one took a hundred times as long.
  @Test(.timeLimit(.minutes(1))) func manyCallsForOneApplicationAreReplayedAndShownAtOnce() {
    var machine = bench.machine
    let calls = 10_000
    for number in 1...calls {
      for entry in [call(number, "/a"), over(number)] {
        machine.replay(entry, sequence: Int64(number), at: machine.createdAt)
      }
    }
    #expect(machine.walks.count == calls + 1)
    for _ in 0..<20 {
      #expect(machine.status.applications.map { $0.called.map(\.id) } == [["/a"]])
    }
  }
}
