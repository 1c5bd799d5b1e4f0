import Concurrency
import Glibc
import JSON
import Processes

/// One worker from its start to its end, as the conversation with it needs it. Who starts it must see to it that `kill` is called.
final class WorkerSession: Sendable {
  /// What came of the worker's stream.
  enum Incoming {
    case event(WorkerConversation.Event)
    /// The worker ended, or ends.
    case end
    case violation(ProtocolViolation)
  }

  private struct State {
    var process: RunningProcess?
    var stream: StreamSocket?
    var isKilled = false
    var cpuTime = Duration.zero
  }

  private struct Reading {
    var decoder: FrameDecoder
    var conversation: WorkerConversation
  }

  /// Bytes of a call that is answered on the thread that hears all workers: what is made of more may take its time.
  private static let smallCall = 4 * 1024

  private let program: WorkerProgram
  private let invocation: ScriptInvocation
  private let calls: any HostCalls
  private let computed: Set<String>
  /// Whether it is the worker's turn, noted by who talks with it.
  let turn = WorkerTurn()
  /// The answer that it waits for, made by who talks with it.
  let owed = OwedAnswer()
  private let state = Locked(State())
  private let reading: Locked<Reading>
  /// Fired when there is a process, or will never be one.
  private let started = AsyncSignal()

  init(_ program: WorkerProgram, _ invocation: ScriptInvocation, _ calls: any HostCalls) {
    self.program = program
    self.invocation = invocation
    self.calls = calls
    computed = Set(invocation.functions.filter(\.isQuick).map(\.name))
    reading = Locked(
      Reading(
        decoder: FrameDecoder(limit: max(invocation.limits.frame, 64 * 1024)),
        conversation: WorkerConversation(functions: invocation.functions, limits: invocation.limits)))
  }

  /// Starts the process and hands it the script.
  func start() async throws(ScriptFailure) {
    let frames: [UInt8]
    do throws(ScriptFailure) {
      frames = try invocation.startFrames()
    } catch {
      started.fire()
      throw error
    }
    try await spawn()
    if state.withLock({ $0.isKilled }) { kill() }
    await write(frames)
  }

  /// When this returns, the worker alone holds its end of the stream: it ends with the worker.
  private func spawn() async throws(ScriptFailure) {
    defer { started.fire() }
    let stream: StreamSocket
    let theirs: Descriptor
    do throws(ProcessError) {
      (stream, theirs) = try StreamSocket.pair { [weak self] in self?.answerAtOnce($0, hasRoom: $1) }
    } catch {
      throw ScriptFailure(.helper, "cannot start a script: \(error)")
    }
    do throws(ScriptFailure) {
      let process = try await program.start(invocation.limits, socket: theirs)
      state.withLock { state in
        state.process = process
        state.stream = stream
      }
    } catch {
      stream.hangUp()
      throw error
    }
  }

  /// Hands the answer to the call that was made last to the worker.
  func answer(_ answer: HostAnswer) async {
    let frame = reading.withLock { $0.conversation.answer(answer) }
    await write(FrameDecoder.frame(frame))
  }

  /// Hands the answer to a call of a branch to the worker, which waits for one.
  func answer(_ answer: BegunAnswer) async {
    let frame = reading.withLock { $0.conversation.answer(answer) }
    await write(FrameDecoder.frame(frame))
  }

  /// The frame that answers a call of a function that computes, where that is all that has come.
  private func answerAtOnce(_ bytes: [UInt8], hasRoom: () -> Bool) -> [UInt8]? {
    guard bytes.count <= Self.smallCall else { return nil }
    return reading.withLock { reading in
      guard reading.decoder.isBetweenFrames else { return nil }
      var next = reading
      next.decoder.append(bytes)
      guard let frame = try? next.decoder.next(), next.decoder.isBetweenFrames,
        let function = WorkerMessage.function(calledBy: frame), computed.contains(function),
        case .call(let call)? = try? next.conversation.handle(WorkerMessage(decoding: frame)),
        // A worker that was taken over may begin with another name than it goes on with.
        call.function == function,
        let answer = calls.answerAtOnce(call)
      else { return nil }
      let reply = FrameDecoder.frame(next.conversation.answer(answer))
      guard reply.count <= StreamSocket.longestReply, hasRoom() else { return nil }
      reading = next
      return reply
    }
  }

  /// The next thing that the worker says.
  func next() async -> Incoming {
    guard let stream = state.withLock({ $0.stream }) else { return .end }
    while true {
      do throws(ProtocolViolation) {
        if let event = try nextEvent() { return .event(event) }
      } catch {
        return .violation(error)
      }
      let bytes = await stream.read()
      if bytes.isEmpty { return .end }
      reading.withLock { $0.decoder.append(bytes) }
    }
  }

  private func nextEvent() throws(ProtocolViolation) -> WorkerConversation.Event? {
    try reading.withLock { (reading) throws(ProtocolViolation) in
      guard let frame = try reading.decoder.next() else { return nil }
      return try reading.conversation.handle(WorkerMessage(decoding: frame))
    }
  }

  /// A worker that is gone cannot be told anything: what it last said is still to be read.
  private func write(_ bytes: [UInt8]) async {
    guard let stream = state.withLock({ $0.stream }) else { return }
    try? await stream.write(bytes)
  }

  /// What the worker has used when it was last seen alive.
  var cpuTime: Duration {
    state.withLock { state in
      state.cpuTime = state.process?.cpuTime ?? state.cpuTime
      return state.cpuTime
    }
  }

  /// The call that it made last.
  var lastCall: WorkerConversation.MadeCall? { reading.withLock { $0.conversation.lastCall } }

  /// Asks the script to stop; a worker that does as it should then says where it was.
  func askToStop() { state.withLock { $0.process }?.signal(SIGTERM) }

  /// Ends the process and the stream, or both as soon as they have started. What the worker has said before can still be read.
  func kill() {
    let (process, stream) = state.withLock { state in
      state.isKilled = true
      return (state.process, state.stream)
    }
    process?.signal(SIGKILL)
    stream?.hangUp()
  }

  /// Waits for the process to end, and ends the stream then, whoever else holds the other side.
  /// - Returns: nil if there was no process yet when the task was cancelled.
  func exitStatus() async -> ExitStatus? {
    // Cancelled: the process, if there is one, is being killed.
    try? await started.wait()
    let (process, stream) = state.withLock { ($0.process, $0.stream) }
    guard let process else { return nil }
    let status = await process.exitStatus()
    stream?.hangUp()
    return status
  }
}
