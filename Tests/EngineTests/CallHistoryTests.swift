import Concurrency
import JSON
import ScriptHost
import StackModel
import Testing

@testable import Engine

/// What the journal has of a script's calls, against what the script calls now.
@Suite struct CallHistoryTests {
  private static let step = StepReference(
    application: "a", step: .hook(.afterScheduler, task: nil), attempt: 1)

  private func call(_ number: Int, _ name: String = "x") -> ScriptCall {
    ScriptCall(number: number, function: "approval", arguments: ["name": .string(name)])
  }

  private func at(_ seconds: Int) -> Timestamp { Timestamp(millisecondsSinceEpoch: Int64(seconds) * 1000) }

  private func history(called: [Int] = [], answered: [Int]) -> CallHistory {
    var history = CallHistory()
    for number in called { history.take(.called(Self.step, call(number).record), at: at(number)) }
    for number in answered {
      history.take(.answered(Self.step, call(number).record, .result(.integer(Int64(number)))), at: at(100 + number))
    }
    return history
  }

  private func given(_ number: Int) -> CallHistory.Turn {
    .answered(number: number, .result(.integer(Int64(number))), at: at(100 + number))
  }

  @Test func answersComeInTheOrderInWhichTheyWereRecorded() {
    var history = history(called: [1, 2, 3], answered: [3, 1])
    for number in 1...3 { #expect(history.begin(call(number)) == nil) }
    #expect(history.turn() == given(3))
    #expect(history.turn() == given(1))
    #expect(history.turn() == .new)
    #expect(history.leftOut == nil)
    #expect(history.hasAnswer(to: 3) && !history.hasAnswer(to: 2))
  }

  @Test func anAnswerIsGivenOnlyAfterItsCall() {
    var history = history(answered: [1, 3, 2])
    #expect(history.begin(call(1)) == nil)
    #expect(history.turn() == given(1))
    #expect(history.begin(call(2)) == nil)
    guard case .diverged(let sentence) = history.turn() else {
      Issue.record("the answer to a call that was not made was given")
      return
    }
    #expect(sentence.hasPrefix("call 3, approval") && sentence.hasSuffix("now the script waits without it"))
    #expect(history.leftOut?.hasPrefix("call 3, approval") == true)
  }

  @Test func theFirstCallThatDiffersIsShownWithTheFormerOne() {
    var history = history(called: [1, 2], answered: [1])
    #expect(history.begin(call(1)) == nil)
    #expect(
      history.begin(call(2, "y"))
        == #"call 2, approval {"name":"x"} was made before; now it is approval {"name":"y"}"#)
  }

  /// A question that was lost with its server left nothing.
  @Test func aCallWithoutARecordIsNew() {
    var history = history(answered: [2])
    #expect(history.begin(call(1, "whatever")) == nil)
    #expect(history.begin(call(2)) == nil)
    #expect(history.turn() == given(2))
    #expect(history.turn() == .new)
  }

  @Test func callsOneAfterAnotherAreNotThoseOfBranches() {
    var both = history(called: [1, 2], answered: [2, 1])
    guard case .diverged(let sentence) = both.judge(call(1)) else {
      Issue.record("the other answer was waited for")
      return
    }
    #expect(sentence.hasPrefix("call 2, approval") && sentence.contains("now call 1, approval"))
    var sequential = history(answered: [1, 2])
    #expect(sequential.judge(call(1)) == .answered(.result(1), at: at(101)))
    #expect(sequential.judge(call(2)) == .answered(.result(2), at: at(102)))
    #expect(sequential.judge(call(3)) == .new)
  }
}

/// How far the journal says that a script is.
@Suite struct ScriptProgressTests {
  @Test func callsAreOpenByTheirNumbers() {
    var progress = ScriptProgress()
    let record = { (number: Int) in
      CallRecord(number: number, function: "f", application: nil, digest: "", arguments: "")
    }
    let now = Timestamp(millisecondsSinceEpoch: 0)
    for number in 1...4 { progress.call(record(number), at: now) }
    progress.answer(3)
    progress.answer(1)
    #expect(progress.open.keys.sorted() == [2, 4])
    #expect([1, 2, 3, 4, 5].map(progress.hasAnswer) == [true, false, true, false, false])
    progress.forget(4)
    progress.answer(2)
    progress.answer(5)
    #expect(progress.calls == 5)
    #expect([1, 2, 3, 4, 5].map(progress.hasAnswer) == [true, true, true, false, true])
  }
}
