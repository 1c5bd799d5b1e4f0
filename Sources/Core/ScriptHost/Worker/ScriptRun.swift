import Concurrency
import Glibc
import JSON
import Processes
import StackModel

/// One invocation: the conversation with its worker, beside it the clock, and the process's end.
struct ScriptRun: Sendable {
  /// Between asking a script to stop and ending its process.
  private static let grace = Duration.milliseconds(40)
  /// How long a worker whose stream has ended may take to end itself.
  private static let farewell = Duration.milliseconds(500)

  let program: WorkerProgram
  let invocation: ScriptInvocation
  let permits: AsyncSemaphore
  let output: @Sendable ([UInt8]) async -> Void
  let calls: any HostCalls

  /// How the conversation went.
  private enum Ending: Sendable {
    case returned(JSON)
    case failed(ScriptFailure)
    /// It stopped because it was asked to.
    case stopped(place: String?, trace: [String])
    /// The stream ended without a last word.
    case silence(isReady: Bool)
    case underWay
  }

  private enum Part: Sendable {
    case ending(Ending)
    case overdue(Overdue)
    case graceOver
    case farewellOver
    case clockStopped
    case exited(ExitStatus?)
  }

  /// What has lasted for too long.
  private enum Overdue: Sendable {
    case whole
    /// The worker kept its turn.
    case turn
  }

  func perform() async -> Result<JSON, ScriptFailure> {
    let session = WorkerSession(program, invocation, calls)
    return await withTaskGroup(of: Part.self) { group in
      group.addTask { .ending(await converse(session)) }
      group.addTask { .exited(await session.exitStatus()) }
      group.addTask { await watchClock(session) }
      group.addTask { await watchTurn(session) }
      var ending = Ending.underWay
      var status: ExitStatus?
      var overdue: Overdue?
      var isAbandoned = false
      for await part in group {
        switch part {
        case .ending(let end):
          ending = end
          if case .silence = end {
            // How the process ended says why; it may still be ending.
            group.addTask { await wait(Self.farewell, thenKill: session, .farewellOver) }
          } else {
            session.kill()
            group.cancelAll()
          }
        case .overdue(let what):
          guard overdue == nil else { break }
          overdue = what
          session.askToStop()
          group.addTask { await wait(Self.grace, thenKill: session, .graceOver) }
        case .graceOver: group.cancelAll()
        case .farewellOver: isAbandoned = status == nil
        case .exited(let end):
          status = end
          // What it has said is read to its end, but nothing is waited for that it cannot have.
          if end != nil, session.owed.workerHasExited() { group.cancelAll() }
        case .clockStopped: break
        }
        if case .silence = ending, status != nil { group.cancelAll() }
      }
      return outcome(
        ending, isAbandoned ? nil : status, overdue, isCancelled: Task.isCancelled, lastCall: session.lastCall)
    }
  }

  // MARK: the conversation

  private func converse(_ session: WorkerSession) async -> Ending {
    var isReady = false
    var turn = Turn.start
    do {
      while true {
        // A permit is held while the script computes, not while it waits for the host.
        let now = turn
        let incoming = try await permits.withPermit {
          session.turn.begin()
          defer { session.turn.end() }
          switch now {
          case .start: try await session.start()
          case .answer(let answer): await session.answer(answer)
          case .begunAnswer(let answer): await session.answer(answer)
          }
          return await listen(session, &isReady)
        }
        switch incoming {
        case .event(.call(let call)):
          let call = timed(call, session)
          turn = .answer(try await session.owed.make { await calls.answer(call) })
        case .event(.awaits):
          guard let next = try await session.owed.make({ await calls.next() }) else { throw CancellationError() }
          turn = .begunAnswer(next)
        default: return ending(incoming, session, isReady: isReady)
        }
      }
    } catch let failure as ScriptFailure {
      return .failed(failure)
    } catch {
      // Cancelled while it waited for a permit or for an answer, or the worker that waits for the answer is gone. It may have said where it was
      // when it was asked to stop.
      return ending(await listen(session, &isReady), session, isReady: isReady)
    }
  }

  /// What comes of the last that the worker said.
  private func ending(_ incoming: WorkerSession.Incoming, _ session: WorkerSession, isReady: Bool) -> Ending {
    switch incoming {
    case .event(.ended(let value)): .returned(value)
    case .event(.failed(let failure)): .failed(failure)
    case .event(.stopped(let report)): .stopped(place: report.place, trace: report.trace)
    case .event(.ready), .event(.output), .event(.call), .event(.begun), .event(.awaits):
      .failed(broken(ProtocolViolation("nothing that ends a turn"), lastCall: session.lastCall))
    case .violation(let violation): .failed(broken(violation, isReady: isReady, lastCall: session.lastCall))
    case .end: .silence(isReady: isReady)
    }
  }

  private func timed(_ call: HostCall, _ session: WorkerSession) -> HostCall {
    var call = call
    call.cpu = session.cpuTime
    return call
  }

  /// What the worker is told before it goes on.
  private enum Turn {
    case start
    case answer(HostAnswer)
    case begunAnswer(BegunAnswer)
  }

  /// Takes what the script prints and begins, until it says something that needs an answer or is its last word.
  private func listen(_ session: WorkerSession, _ isReady: inout Bool) async -> WorkerSession.Incoming {
    while true {
      let incoming = await session.next()
      switch incoming {
      case .event(.ready): isReady = true
      case .event(.output(let bytes)):
        session.turn.end()
        await output(bytes)
        session.turn.resume()
      case .event(.begun(let call)): await calls.begin(timed(call, session))
      default: return incoming
      }
    }
  }

  // MARK: the clock

  private func watchClock(_ session: WorkerSession) async -> Part {
    do {
      try await Task.sleep(for: invocation.limits.time)
      return .overdue(.whole)
    } catch {
      // The script has ended, or whoever runs it no longer wants it.
      session.kill()
      return .clockStopped
    }
  }

  private func watchTurn(_ session: WorkerSession) async -> Part {
    do {
      try await session.turn.waitUntilOver(invocation.limits.turn)
      return .overdue(.turn)
    } catch {
      return .clockStopped
    }
  }

  private func wait(_ duration: Duration, thenKill session: WorkerSession, _ part: Part) async -> Part {
    try? await Task.sleep(for: duration)
    session.kill()
    return part
  }

  // MARK: the outcome

  private func outcome(
    _ ending: Ending, _ status: ExitStatus?, _ overdue: Overdue?, isCancelled: Bool,
    lastCall: WorkerConversation.MadeCall?
  ) -> Result<JSON, ScriptFailure> {
    if case .returned(let value) = ending { return .success(value) }
    if let overdue {
      let message = sentence(overdue)
      let (place, trace) = whereabouts(ending)
      guard let place else { return .failure(lost(.budgetExceeded(.time), message, lastCall)) }
      return .failure(ScriptFailure(.budgetExceeded(.time), message, place: place, trace: trace))
    }
    if isCancelled { return .failure(ScriptFailure(.cancelled, "\(invocation.name) was cancelled")) }
    if case .failed(let failure) = ending { return .failure(failure) }
    return .failure(death(ending, status, lastCall))
  }

  private func sentence(_ overdue: Overdue) -> String {
    switch overdue {
    case .whole: "over the time budget of \(GoDuration.text(invocation.limits.time))"
    case .turn:
      "the worker of \(invocation.name) neither asked for an answer nor ended for \(GoDuration.text(invocation.limits.turn)), "
        + "and was ended"
    }
  }

  private func whereabouts(_ ending: Ending) -> (place: String?, trace: [String]) {
    switch ending {
    case .stopped(let place, let trace): (place, trace)
    case .failed(let failure): (failure.place, failure.trace)
    default: (nil, [])
    }
  }

  /// What a worker that ended without a word died of.
  private func death(
    _ ending: Ending, _ status: ExitStatus?, _ lastCall: WorkerConversation.MadeCall?
  ) -> ScriptFailure {
    let worker = "the worker of \(invocation.name)"
    guard let status else { return lost(.workerDied, "\(worker) hung up without a word, and was ended", lastCall) }
    let end = "\(status)"
    if case .stopped(let place, let trace) = ending {
      let message = "\(worker) was stopped from outside"
      guard let place else { return lost(.workerDied, message, lastCall) }
      return ScriptFailure(.workerDied, message, place: place, trace: trace)
    }
    guard case .silence(isReady: true) = ending else {
      return ScriptFailure(.helper, program.sentence("it ended before it was ready (\(end))"))
    }
    switch status {
    case .exited(WorkerExit.cpu):
      return lost(.budgetExceeded(.cpu), WorkerConversation.cpuSentence(invocation.limits), lastCall)
    case .signalled(SIGSYS):
      return lost(
        .workerDied, "\(invocation.name) made the Lua VM call the system, for which it was ended", lastCall)
    case .signalled(SIGSEGV), .signalled(SIGBUS), .signalled(SIGABRT), .signalled(SIGILL), .signalled(SIGFPE):
      return lost(.workerDied, "\(invocation.name) made the Lua VM crash (\(end))", lastCall)
    case .signalled(SIGKILL):
      return lost(.workerDied, "\(worker) was killed, by the system's limits or from outside", lastCall)
    default:
      return lost(.workerDied, "\(worker) ended without a word (\(end))", lastCall)
    }
  }

  private func broken(
    _ violation: ProtocolViolation, isReady: Bool = true, lastCall: WorkerConversation.MadeCall?
  ) -> ScriptFailure {
    guard isReady else { return ScriptFailure(.helper, program.sentence("it sent \(violation.what)")) }
    return lost(.brokenProtocol, "the worker of \(invocation.name) sent \(violation.what), and was ended", lastCall)
  }

  /// The failure of a script whose worker has not told where it was: it was last seen where it made its last call.
  private func lost(
    _ kind: ScriptFailure.Kind, _ message: String, _ lastCall: WorkerConversation.MadeCall?
  ) -> ScriptFailure {
    guard let lastCall else { return ScriptFailure(kind, "\(message); \(invocation.name) had called nothing yet") }
    return ScriptFailure(
      kind, "\(message); its last call was \(lastCall.number), \(lastCall.function)", place: lastCall.place)
  }
}

/// Exit codes of the worker that say something (worker.h).
enum WorkerExit {
  static let cpu: Int32 = 75
}
