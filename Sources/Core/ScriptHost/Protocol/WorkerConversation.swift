import JSON
import StackModel

/// The order of what a worker may say: that it is ready, what it prints, calls that are numbered from 1, and one last word. A call is answered
/// before anything else is said, but for those that branches of `parallel` make: each of these is answered when the worker waits for an answer, in
/// an order that the host chooses. A struct without I/O: frames in, events out.
struct WorkerConversation {
  static let protocolVersion = 5
  /// Calls of branches that may have no answer at once: a worker has no more branches (parallel.c).
  static let mostOpenCalls = 100

  enum Event: Hashable {
    /// It is locked in, and nothing of the script has been read yet.
    case ready
    case output([UInt8])
    case call(HostCall)
    /// A call of a branch.
    case begun(HostCall)
    /// It waits for the answer to one of these.
    case awaits
    case ended(JSON)
    case failed(ScriptFailure)
    /// It stopped because it was asked to.
    case stopped(WorkerMessage.Report)
  }

  /// A call that was in order, and from where in the script it was made, as the worker says.
  struct MadeCall: Hashable {
    var number: Int
    var function: String
    var place: String?
  }

  private enum Phase { case starting, running, answering, awaiting, over }

  /// Whether a function is pure, by its name.
  private let functions: [String: Bool]
  private let limits: ScriptLimits
  private var phase = Phase.starting
  private(set) var lastCall: MadeCall?
  /// Numbers of the calls of branches that have no answer.
  private var open: Set<Int> = []
  private var outputLeft: Int

  init(functions: [HostFunction], limits: ScriptLimits) {
    self.functions = Dictionary(functions.map { ($0.name, $0.isPure) }) { $1 }
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
    case (.running, .call(let id, let function, let arguments, let isLater, let place)):
      let call = try call(id, function, arguments, isLater: isLater)
      lastCall = MadeCall(number: id, function: function, place: place)
      return isLater ? .begun(call) : .call(call)
    case (.running, .await):
      guard !open.isEmpty else { throw ProtocolViolation("that it waits for an answer, while no call is open") }
      phase = .awaiting
      return .awaits
    case (.running, .ended(let value)):
      guard open.isEmpty else { throw ProtocolViolation("its end, while calls are open") }
      phase = .over
      return .ended(value)
    case (.running, .failed(let isSyntax, let report)):
      return end(isSyntax ? .syntax : .runtime, report.message, report)
    case (.running, .stopped(.cpu, let report)), (.answering, .stopped(.cpu, let report)),
      (.awaiting, .stopped(.cpu, let report)):
      return end(.budgetExceeded(.cpu), Self.cpuSentence(limits), report)
    case (.running, .stopped(.memory, let report)):
      return end(.budgetExceeded(.memory), "over the memory budget of \(limits.memory >> 20) MiB", report)
    case (.running, .stopped(.stopped, let report)), (.answering, .stopped(.stopped, let report)),
      (.awaiting, .stopped(.stopped, let report)):
      phase = .over
      return .stopped(report)
    default:
      throw ProtocolViolation("a message that has no place here")
    }
  }

  /// The frame that answers the call that was made last.
  mutating func answer(_ answer: HostAnswer) -> [UInt8] { self.answer(BegunAnswer(call: lastNumber, answer: answer)) }

  /// The frame that answers a call of a branch.
  mutating func answer(_ answer: BegunAnswer) -> [UInt8] {
    precondition(phase == .answering || open.remove(answer.call) != nil, "an answer to a call that has none to get")
    phase = .running
    let bytes = json(answer).bytes
    if bytes.count <= limits.frame { return bytes }
    let failure = HostCallFailure(
      .internal, "the answer has \(bytes.count) bytes; \(limits.frame) are allowed")
    return json(BegunAnswer(call: answer.call, answer: .failure(failure))).bytes
  }

  private var lastNumber: Int { lastCall?.number ?? 0 }

  private func json(_ answer: BegunAnswer) -> JSON {
    let (call, answer) = (answer.call, answer.answer)
    var message: JSONObject = ["id": .integer(Int64(call))]
    for (name, value) in answer.json { message[name] = value }
    return .object(message)
  }

  static func cpuSentence(_ limits: ScriptLimits) -> String { "over the CPU budget of \(GoDuration.text(limits.cpu))" }

  private mutating func call(
    _ id: Int, _ function: String, _ arguments: [JSON], isLater: Bool
  ) throws(ProtocolViolation) -> HostCall {
    guard id == lastNumber + 1 else { throw ProtocolViolation("the call \(id) after the call \(lastNumber)") }
    guard let isPure = functions[function] else {
      throw ProtocolViolation("a call of a function that it was not given")
    }
    if isLater {
      guard !isPure else {
        throw ProtocolViolation("a call to be answered later, of a function that is answered at once")
      }
      guard open.count < Self.mostOpenCalls else {
        throw ProtocolViolation("more than \(Self.mostOpenCalls) open calls")
      }
      open.insert(id)
    } else {
      guard isPure || open.isEmpty else {
        throw ProtocolViolation("a call to be answered at once, while others are open")
      }
      phase = .answering
    }
    return HostCall(number: id, function: function, arguments: arguments)
  }

  private mutating func end(_ kind: ScriptFailure.Kind, _ message: String, _ report: WorkerMessage.Report? = nil)
    -> Event
  {
    phase = .over
    return .failed(
      ScriptFailure(kind, message, place: report?.place, trace: report?.trace ?? [], raised: report?.raised))
  }
}
