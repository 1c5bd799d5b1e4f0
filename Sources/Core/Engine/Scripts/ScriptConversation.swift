import Concurrency
import JSON
import ScriptHost

/// A script's calls on their way: pure ones are answered at once, recorded ones from the journal, all others by the run.
final class ScriptConversation: Sendable {
  /// How long a script may wait for one answer with its worker alive.
  private static let patience = Duration.seconds(30)

  private struct State {
    var history: CallHistory
    var now: Timestamp
    /// It is not the script that the journal tells of: nothing more is done for it.
    var divergence: String?
  }

  private let state: Locked<State>
  private let seed: (UInt64, UInt64)
  private let answers: AnswerBox
  /// Fired when the script waits for longer than a worker is kept.
  private let suspended = AsyncSignal()
  private let post: @Sendable (ScriptCall) -> Void

  init(
    history: CallHistory, since: Timestamp, seed: (UInt64, UInt64), answers: AnswerBox,
    post: @escaping @Sendable (ScriptCall) -> Void
  ) {
    state = Locked(State(history: history, now: since))
    self.seed = seed
    self.answers = answers
    self.post = post
  }

  func end(
    of scripts: any ScriptExecutor, _ invocation: ScriptInvocation, time: any TimeSource
  ) async -> RunStateMachine.ScriptEnd? {
    await withTaskGroup(of: RunStateMachine.ScriptEnd?.self) { group in
      group.addTask { await self.end(of: scripts, invocation, time) }
      group.addTask { (try? await self.suspended.wait()).map { .suspended } }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
  }

  private func end(
    of scripts: any ScriptExecutor, _ invocation: ScriptInvocation, _ time: any TimeSource
  ) async -> RunStateMachine.ScriptEnd? {
    do throws(ScriptFailure) {
      try await scripts.run(invocation) { call in await self.answer(call, time) }
    } catch {
      if let divergence = state.withLock({ $0.divergence }) { return .diverged(divergence) }
      // Cancelled from inside only by a server that stops: the end of a script that is unwanted is told by whoever wants it.
      return error.kind == .cancelled ? nil : .failed(error)
    }
    let (divergence, leftOut) = state.withLock { ($0.divergence, $0.history.leftOut) }
    return (divergence ?? leftOut).map { .diverged($0) } ?? .returned
  }

  private func answer(_ call: HostCall, _ time: any TimeSource) async -> HostAnswer {
    guard let function = HostFunctions.named(call.function) else {
      return .failure(HostCallFailure(.internal, "there is no function \(call.function)"))
    }
    let arguments: JSONObject
    switch function.check(call.arguments) {
    case .failure(let failure): return .failure(failure)
    case .success(let checked): arguments = checked
    }
    let (now, divergence) = state.withLock { ($0.now, $0.divergence) }
    // A worker that a script has taken over may go on where its Lua would not.
    if let divergence { return .failure(HostCallFailure(.cancelled, divergence)) }
    if function.isPure {
      return PureFunctions.perform(function, arguments, ScriptContext(now: now, seed: seed, call: call.number))
    }
    let (scriptCall, verdict) = state.withLock { state in
      let call = ScriptCall(number: state.history.next, function: function.name, arguments: arguments)
      return (call, state.history.judge(call))
    }
    switch verdict {
    case .answered(let answer, let instant):
      state.withLock { $0.now = instant }
      return answer
    case .diverged(let sentence):
      state.withLock { $0.divergence = sentence }
      return .failure(HostCallFailure(.cancelled, sentence))
    case .new:
      post(scriptCall)
      // A person may take days.
      guard let answer = await nextAnswer(time, patience: function.name == "approval" ? .zero : Self.patience) else {
        return .failure(HostCallFailure(.cancelled, "the script is no longer wanted"))
      }
      state.withLock { $0.now = answer.at }
      return answer.answer
    }
  }

  /// `nil` where the script is no longer wanted, or is to wait without a worker.
  private func nextAnswer(_ time: any TimeSource, patience: Duration) async -> AnswerBox.Answer? {
    let isThere = await withTaskGroup(of: Bool.self) { group in
      group.addTask { (try? await self.answers.wait()) != nil }
      group.addTask {
        if (try? await time.sleep(for: patience)) != nil { self.suspended.fire() }
        return false
      }
      defer { group.cancelAll() }
      return await group.next() ?? false
    }
    return isThere ? answers.take() : nil
  }
}
