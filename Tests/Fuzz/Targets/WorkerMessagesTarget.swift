import JSON

@testable import ScriptHost

extension FuzzTarget {
  /// Frames, one a line. Every call is answered, one of a branch when the worker waits.
  static let workerMessages = FuzzTarget(
    name: "worker-messages", summary: "what a script's worker says, a frame a line", longestInput: 2_048
  ) { bytes in
    var worker = Worker()
    for frame in bytes.split(separator: UInt8(ascii: "\n")).map(Array.init) {
      _ = WorkerMessage.function(calledBy: frame)
      guard let message = try? WorkerMessage(decoding: frame) else { return }
      try worker.check(message)
      guard try worker.goesOn(after: message) else { return }
    }
  }
}

/// The host's side of one conversation, and what it knows of it by itself.
private struct Worker {
  private static let functions = HostFunctions.all(in: .hook)
  private static let pure = Set(functions.filter(\.isPure).map(\.name))
  private static let others = Set(functions.filter { !$0.isPure }.map(\.name))
  private static let limits = ScriptLimits(output: 100, frame: 256)

  private var conversation = WorkerConversation(functions: functions, limits: limits)
  private var isReady = false
  private var calls = 0
  private var open: [HostCall] = []
  private var printed = 0

  /// What is kept of a message is short, whatever was sent.
  func check(_ message: WorkerMessage) throws(Violation) {
    switch message {
    case .refused(let reason): try require(reason.utf8.count <= 16 << 10, "a long reason")
    case .call(_, _, _, _, let place): try check(place: place)
    case .failed(_, let report), .stopped(_, let report):
      try check(place: report.place)
      let size = report.trace.reduce(0) { $0 + $1.utf8.count }
      try require(report.message.utf8.count <= 16 << 10 && size <= 16 << 10, "a long report")
      guard let raised = report.raised else { return }
      try require(raised.message.utf8.count <= 16 << 10 && (raised.cause ?? "").utf8.count <= 16 << 10, "a long error")
      try require(raised.details.approximateSize <= 64 << 10, "large details")
    case .ready, .output, .await, .ended: break
    }
  }

  private func check(place: String?) throws(Violation) {
    guard let place else { return }
    try require((1...128).contains(place.utf8.count), "a place of \(place.utf8.count) bytes")
    let isOneLine = place.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) }
    try require(isOneLine && !place.contains("\u{2028}") && !place.contains("\u{202E}"), "the place \(place)")
  }

  /// Whether the worker is still listened to.
  mutating func goesOn(after message: WorkerMessage) throws -> Bool {
    let event: WorkerConversation.Event
    do throws(ProtocolViolation) {
      event = try conversation.handle(message)
    } catch {
      try require(!error.what.isEmpty, "refused without a word")
      return false
    }
    switch event {
    case .ready:
      try require(!isReady, "ready twice")
      isReady = true
    case .output(let bytes):
      printed += bytes.count
      try require(isReady && printed <= Self.limits.output, "\(printed) bytes are printed")
    case .call(let call):
      try checkNumber(of: call)
      let isPure = Self.pure.contains(call.function)
      try require(isPure || (open.isEmpty && Self.others.contains(call.function)), "a call of \(call.function)")
      try takesNothing("before an answer")
      try checkAnswer(call, conversation.answer(result(of: call)))
    case .begun(let call):
      try checkNumber(of: call)
      open.append(call)
      try require(Self.others.contains(call.function) && open.count <= 100, "\(open.count) open calls")
    case .awaits:
      try require(!open.isEmpty, "it waits for nothing")
      try takesNothing("before one of the answers")
      // Now the first and now the last.
      let call = open.remove(at: calls.isMultiple(of: 2) ? 0 : open.count - 1)
      try checkAnswer(call, conversation.answer(BegunAnswer(call: call.number, answer: result(of: call))))
    case .ended:
      try require(isReady && open.isEmpty, "an end before its time")
      try takesNothing("after the end")
      return false
    case .failed(let failure):
      try require(isReady || failure.kind == .helper, "\(failure) before anything was run")
      try takesNothing("after a failure")
      return false
    case .stopped:
      try require(isReady, "stopped before it ran")
      try takesNothing("after it was stopped")
      return false
    }
    return true
  }

  private mutating func checkNumber(of call: HostCall) throws(Violation) {
    calls += 1
    try require(isReady && call.number == calls, "call \(call.number) in place of \(calls)")
  }

  private func result(of call: HostCall) -> HostAnswer { .result(.array(call.arguments)) }

  private func checkAnswer(_ call: HostCall, _ frame: [UInt8]) throws {
    try require(frame.count <= Self.limits.frame, "an answer of \(frame.count) bytes")
    let json = try JSON(parsing: frame)
    try require(json["id"]?.intValue == call.number, "an answer to another call than \(call.number)")
    try require(json["ok"] == .array(call.arguments) || json["error"]?["code"] == "internal", "another answer")
  }

  private func takesNothing(_ when: String) throws {
    let next = WorkerMessage.call(id: calls + 1, function: Self.pure.sorted().first ?? "", arguments: [])
    for message in [.ready(protocolVersion: 5), .output([]), .await, .ended(.null), next] as [WorkerMessage] {
      var copy = conversation
      let event = try? copy.handle(message)
      try require(event == nil, "\(message) is taken \(when)")
    }
  }
}
