import JSON
import StackModel

/// The order of what a worker may say: that it is ready, what it prints, calls that are numbered from 1 and answered one
/// by one, and one last word. A struct without I/O: frames in, events out.
struct WorkerConversation {
  static let protocolVersion = 2

  enum Event: Hashable {
    /// It is locked in, and nothing of the script has been read yet.
    case ready
    case output([UInt8])
    case call(HostCall)
    case ended(JSON)
    case failed(ScriptFailure)
    /// It stopped because it was asked to.
    case stopped(WorkerMessage.Report)
  }

  private enum Phase { case starting, running, answering, over }

  private let functions: Set<String>
  private let limits: ScriptLimits
  private var phase = Phase.starting
  private var lastCall = 0
  private var outputLeft: Int

  init(functions: [String], limits: ScriptLimits) {
    self.functions = Set(functions)
    self.limits = limits
    outputLeft = limits.output
  }

  mutating func handle(_ message: WorkerMessage) throws(ProtocolViolation) -> Event {
    switch (phase, message) {
    case (.starting, .ready(Self.protocolVersion)):
      phase = .running
      return .ready
    case (.starting, .ready(let version)):
      return end(.helper, "it speaks protocol \(version), this program \(Self.protocolVersion)")
    case (.starting, .refused(let reason)):
      return end(.helper, "it does not run scripts here, because it \(reason)")
    case (.running, .output(let bytes)):
      guard bytes.count <= outputLeft else {
        return end(.budgetExceeded(.output), "over the output budget: a script may print \(limits.output) bytes")
      }
      outputLeft -= bytes.count
      return .output(bytes)
    case (.running, .call(let id, let function, let arguments)):
      return try call(id, function, arguments)
    case (.running, .ended(let value)):
      phase = .over
      return .ended(value)
    case (.running, .failed(let isSyntax, let report)):
      return end(isSyntax ? .syntax : .runtime, report.message, report)
    case (.running, .stopped(.cpu, let report)), (.answering, .stopped(.cpu, let report)):
      return end(.budgetExceeded(.cpu), Self.cpuSentence(limits), report)
    case (.running, .stopped(.memory, let report)):
      return end(.budgetExceeded(.memory), "over the memory budget of \(limits.memory >> 20) MiB", report)
    case (.running, .stopped(.stopped, let report)), (.answering, .stopped(.stopped, let report)):
      phase = .over
      return .stopped(report)
    default:
      throw ProtocolViolation("a message that has no place here")
    }
  }

  /// The frame that answers the call that was made last.
  mutating func answer(_ answer: HostAnswer) -> [UInt8] {
    phase = .running
    let bytes = json(answer).bytes
    if bytes.count <= limits.frame { return bytes }
    return json(
      .failure(HostCallFailure(.internal, "the answer has \(bytes.count) bytes; \(limits.frame) are allowed"))
    ).bytes
  }

  private func json(_ answer: HostAnswer) -> JSON {
    var message: JSONObject = ["id": .integer(Int64(lastCall))]
    for (name, value) in answer.json { message[name] = value }
    return .object(message)
  }

  static func cpuSentence(_ limits: ScriptLimits) -> String { "over the CPU budget of \(GoDuration.text(limits.cpu))" }

  private mutating func call(_ id: Int, _ function: String, _ arguments: [JSON]) throws(ProtocolViolation) -> Event {
    guard id == lastCall + 1 else { throw ProtocolViolation("the call \(id) after the call \(lastCall)") }
    guard functions.contains(function) else { throw ProtocolViolation("a call of a function that it was not given") }
    lastCall = id
    phase = .answering
    return .call(HostCall(number: id, function: function, arguments: arguments))
  }

  private mutating func end(_ kind: ScriptFailure.Kind, _ message: String, _ report: WorkerMessage.Report? = nil)
    -> Event
  {
    phase = .over
    return .failed(
      ScriptFailure(kind, message, place: report?.place, trace: report?.trace ?? [], raised: report?.raised))
  }
}
