import Concurrency
import JSON
import ScriptHost

/// A script's calls on their way: pure ones are answered at once, recorded ones from the journal, all others by the run.
///
/// The script is given answers in one order only, in every replay the same: refusals of calls that were made wrongly, which follow from the calls
/// alone and stand nowhere; then those that the journal has; then those that come, in which order they stand in the journal, too.
final class ScriptConversation: Sendable {
  /// How long a script may wait for one answer with its worker alive.
  private static let patience = Duration.seconds(30)
  /// The one function that is computed and asks when the last answer was given.
  private static let clock = "time.now"

  private let state: Locked<State>
  private let seed: (UInt64, UInt64)
  private let answers: AnswerQueue
  private let place: WorkerPlaces.Place
  /// nil where the script is not to blame for being run again.
  private let replays: ReplayBudget?
  private let time: any TimeSource
  /// Fired when the script waits for longer than a worker is kept.
  private let suspended = AsyncSignal()
  /// Tells the run of a call. What it returns is the answer that the run will give, where that is known before.
  private let post: @Sendable (ScriptCall) -> HostAnswer?

  init(
    history: CallHistory, since: Timestamp, seed: (UInt64, UInt64), answers: AnswerQueue, time: any TimeSource,
    place: WorkerPlaces.Place, replays: ReplayBudget?,
    post: @escaping @Sendable (ScriptCall) -> HostAnswer?
  ) {
    state = Locked(State(history: history, now: since))
    self.seed = seed
    self.answers = answers
    self.time = time
    self.place = place
    self.replays = replays
    self.post = post
  }

  /// Whether the script was suspended since its worker was wanted by others.
  var hasGivenUp: Bool { state.withLock { $0.hasGivenUp } }

  /// The calls whose answers the script need not wait for: it has them from the journal, or before they stood there.
  var knownCalls: Set<Int> {
    state.withLock { state in
      var calls = state.history.answeredCalls.union(state.lead.calls)
      // With the last of them the script goes on.
      if state.isSettling, let last = state.lead.calls.max() { calls.remove(last) }
      return calls
    }
  }

  func end(
    of scripts: any ScriptExecutor, _ invocation: ScriptInvocation
  ) async -> RunStateMachine.ScriptEnd? {
    defer {
      // It goes with the next call that any script of the run makes.
      let replayed = state.withLock { $0.isAhead ? .zero : $0.replayed }
      replays?.use(replayed)
    }
    return await withTaskGroup(of: RunStateMachine.ScriptEnd?.self) { group in
      group.addTask { await self.wholeEnd(of: scripts, invocation) }
      group.addTask { (try? await self.suspended.wait()).map { .suspended } }
      group.addTask { await self.watchPatience() ? .suspended : nil }
      defer { group.cancelAll() }
      let end = await group.next() ?? nil
      // The worker that has been let go ends, too, and may be seen first.
      return state.withLock { $0.isSuspended } ? .suspended : end
    }
  }

  /// One watch for all calls: whoever waits when it looks is let go, or looked at again when his time is over. Nobody who begins to wait
  /// between two looks can be over before the next.
  /// - Returns: false if it was cancelled.
  private func watchPatience() async -> Bool {
    var pause = Self.patience
    while (try? await time.sleep(for: pause)) != nil {
      let now = time.uptime()
      let rest = state.withLock { state -> Duration? in
        guard let end = state.waitsUntil else { return Self.patience }
        guard end <= now else { return end - now }
        state.suspend()
        return nil
      }
      guard let rest else { return true }
      pause = rest
    }
    return false
  }

  private func wholeEnd(
    of scripts: any ScriptExecutor, _ invocation: ScriptInvocation
  ) async -> RunStateMachine.ScriptEnd? {
    do throws(ScriptFailure) {
      try await scripts.run(invocation, calls: self)
    } catch {
      let (divergence, excess) = state.withLock { ($0.divergence, $0.excess) }
      if let divergence { return .diverged(divergence) }
      if let excess { return .failed(Self.failure(excess, error)) }
      // Cancelled from inside only by a server that stops: the end of a script that is unwanted is told by whoever wants it.
      return error.kind == .cancelled ? nil : .failed(error)
    }
    let (divergence, excess, leftOut) = state.withLock { ($0.divergence, $0.excess, $0.history.leftOut) }
    if divergence == nil, let excess { return .failed(Self.failure(excess, nil)) }
    return (divergence ?? leftOut).map { .diverged($0) } ?? .returned
  }

  /// A script may catch the error that it was given, and end in any way.
  private static func failure(_ excess: String, _ end: ScriptFailure?) -> ScriptFailure {
    if let end, end.raised?.code == .budgetExceeded { return end }
    return ScriptFailure(.budgetExceeded(.cpu), excess, place: end?.place, trace: end?.trace ?? [])
  }

  /// What has been asked for before, or can be computed; else the call, which counts from here.
  private func step(_ call: HostCall, isLater: Bool) -> Step {
    if let answer = answerAtOnce(call) { return .answered(answer) }
    guard let function = HostFunctions.named(call.function) else {
      return .answered(.failure(HostCallFailure(.internal, "there is no function \(call.function)")))
    }
    let arguments: JSONObject
    switch function.check(call.arguments) {
    case .failure(let failure): return .answered(.failure(failure))
    case .success(let checked): arguments = checked
    }
    return state.withLock { state in
      state.cpu = call.cpu
      // A worker that a script has taken over may go on where its Lua would not.
      if let refusal = state.refusal { return .answered(refusal) }
      var made = ScriptCall(
        number: state.history.next, function: function.name, arguments: arguments, cpu: call.cpu)
      if let excess = charge(&made, &state) {
        state.excess = excess
        return .answered(Self.exceeded(excess))
      }
      if isLater {
        if let difference = state.history.begin(made) { return state.diverge(difference) }
        state.begun[made.number] = Begun(number: call.number, call: made)
        return .open(made)
      }
      switch state.history.judge(made) {
      case .answered(let answer, let instant):
        state.now = instant
        state.replayed = call.cpu
        return .answered(answer)
      case .diverged(let sentence): return state.diverge(sentence)
      case .new: return .open(made)
      }
    }
  }

  static func cancelled(_ sentence: String) -> HostAnswer {
    .failure(HostCallFailure(.cancelled, sentence))
  }

  static func exceeded(_ sentence: String) -> HostAnswer {
    .failure(HostCallFailure(.budgetExceeded, sentence))
  }

  /// Counts what the script has used for being run again.
  /// - Returns: why it may not go on.
  private func charge(_ made: inout ScriptCall, _ state: inout State) -> String? {
    guard !state.isAhead, !state.history.isEmpty else { return nil }
    if let former = state.history.record(of: made.number) {
      return ReplayBudget.excess(made.record.cpu ?? .zero, before: former.cpu)
        ?? replays?.excess(with: state.replayed)
    }
    state.isAhead = true
    guard let replays else { return nil }
    replays.use(state.replayed)
    made.record.replayed = replays.takeOwed()
    return replays.excess(with: .zero)
  }

  // MARK: Answers that come

  /// `nil` where the script is no longer wanted, or is to wait without a worker.
  /// - Parameter calls: those that it waits for.
  private func nextLive(_ calls: [ScriptCall]) async -> AnswerQueue.Answer? {
    guard beginWaiting(for: calls) else { return nil }
    // What is answered in a moment is not worth being run again for.
    let mayGiveUp = calls.allSatisfy(\.mayTakeLong)
    if mayGiveUp { place.wait { self.giveUp() } }
    let answer = await nextAnswer()
    // Where it is suspended, its place is free in a moment.
    if mayGiveUp, answer != nil { place.goOn() }
    return answer
  }

  /// False where it does not wait with its worker alive.
  private func beginWaiting(for calls: [ScriptCall]) -> Bool {
    let isSuspended = state.withLock { state in
      if calls.allSatisfy({ $0.outlasts(Self.patience) }) { state.suspend() }
      if !state.isSuspended { state.waitsUntil = time.uptime() + Self.patience }
      return state.isSuspended
    }
    if isSuspended { suspended.fire() }
    return !isSuspended
  }

  private func nextAnswer() async -> AnswerQueue.Answer? {
    while (try? await answers.wait()) != nil {
      switch take() {
      case .answer(let answer): return answer
      case .known: continue
      case .suspended: return nil
      }
    }
    return nil
  }

  private enum Taken {
    case answer(AnswerQueue.Answer)
    /// It stands in the journal as well, and was given from there.
    case known
    /// Whoever runs the script again finds it.
    case suspended
  }

  private func take() -> Taken {
    state.withLock { state in
      guard !state.isSuspended else { return .suspended }
      guard let answer = answers.take(), !state.isKnown(answer) else { return .known }
      state.waitsUntil = nil
      return .answer(answer)
    }
  }

  /// Waits until the run has given all answers that the script has had before.
  /// - Returns: false where the script is no longer wanted, or is to wait without a worker.
  private func settle() async -> Bool {
    while beginSettling() {
      guard (try? await answers.wait()) != nil else { return false }
      guard takeKnown() else { return false }
    }
    return state.withLock { !$0.isSuspended }
  }

  /// Takes one of those answers. Where the script has been let go meanwhile it stays: whoever runs the script again is called by it.
  private func takeKnown() -> Bool {
    state.withLock { state in
      guard !state.isSuspended, answers.take(where: { state.isKnown($0) }) != nil else { return false }
      if state.lead.calls.isEmpty {
        state.isSettling = false
        state.waitsUntil = nil
      }
      return true
    }
  }

  /// False where nothing has to be waited for, or any more.
  private func beginSettling() -> Bool {
    state.withLock { state in
      guard !state.isSuspended else { return false }
      state.isSettling = !state.lead.calls.isEmpty
      state.waitsUntil = state.isSettling ? state.waitsUntil ?? time.uptime() + Self.patience : nil
      return state.isSettling
    }
  }

  /// Somebody else wants the worker.
  private func giveUp() {
    let isSuspended = state.withLock { state in
      guard state.waitsUntil != nil else { return false }
      state.suspend()
      state.hasGivenUp = true
      return true
    }
    if isSuspended { suspended.fire() }
  }
}

extension ScriptConversation: HostCalls {
  /// What it has used does not matter where nothing is journaled.
  func answerAtOnce(_ call: HostCall) -> HostAnswer? {
    let (now, refusal, isSettled) = state.withLock { ($0.now, $0.refusal, $0.lead.calls.isEmpty) }
    // When the last call was answered is not known yet.
    if !isSettled, refusal == nil, call.function == Self.clock { return nil }
    guard let answer = PureFunctions.answer(call, now: now, seed: seed) else { return nil }
    return refusal ?? answer
  }

  func answer(_ call: HostCall) async -> HostAnswer {
    if call.function == Self.clock, await !settle() { return Self.cancelled("the script is no longer wanted") }
    switch step(call, isLater: false) {
    case .answered(let answer): return answer
    case .open(let made):
      if let known = post(made), state.withLock({ $0.lead.take(made) }) { return known }
      guard let live = await nextLive([made]) else {
        return Self.cancelled("the script is no longer wanted")
      }
      return state.withLock { state in
        guard live.call == made.number else {
          let sentence = "call \(live.call) was waited for before; now it is \(made.record.sentence)"
          state.divergence = state.divergence ?? sentence
          return Self.cancelled(sentence)
        }
        state.now = live.at
        return live.answer
      }
    }
  }

  func begin(_ call: HostCall) async {
    switch step(call, isLater: true) {
    case .answered(let answer):
      state.withLock { $0.refusals.append(BegunAnswer(call: call.number, answer: answer)) }
    case .open(let made):
      // One whose answer is recorded is not made again.
      if !state.withLock({ $0.history.hasAnswer(to: made.number) }) { _ = post(made) }
    }
  }

  func next() async -> BegunAnswer? {
    let (known, calls) = state.withLock { ($0.nextKnown(), $0.begun.values.map(\.call)) }
    if let known { return known }
    guard let live = await nextLive(calls) else { return nil }
    return state.withLock { $0.give(live.answer, to: live.call, at: live.at) }
  }
}
