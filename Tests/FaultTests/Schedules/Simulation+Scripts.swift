import Concurrency
import FaultInjection
import JSON
import ScriptHost
import StackModel
import Store

@testable import Engine

/// Scripts, and what they call for.
extension Simulation {
  static let cancelled = ScriptFailure(.cancelled, "it was cancelled")

  /// From its start: it has the answers that the journal has, and makes the other calls anew.
  mutating func runScript(_ application: String, _ token: Int, _ order: RunStateMachine.ScriptOrder) {
    // A second time only one that is not over: it was parked, and waits for its answers.
    guard let place = machine.places[application], machine.walks[place].activity == .script,
      machine.walks[place].token == token,
      scripts[application] != nil || !begun.contains("\(life) \(application) \(token)")
    else { return }
    begun.insert("\(life) \(application) \(token)")
    guard case .text(let name) = order.script.source, let program = programs[name] else {
      flaw = Flaw(description: "there is no script \(order.script.source)")
      return
    }
    do {
      scripts[application] = RunningScript(program: program, token: token, answers: try answers(order))
    } catch {
      flaw = Flaw(description: "its journal cannot be read: \(error)")
      return
    }
    goOn(application)
  }

  private func answers(_ order: RunStateMachine.ScriptOrder) throws -> [Int: JSON] {
    var answers: [Int: JSON] = [:]
    for record in journal where record.sequence > order.journaledAfter && record.path == order.reference.path {
      switch try JournalEntry(record) {
      case .answered(order.reference, let call, .result(let value)): answers[call.number] = value
      case .logged(order.reference, let call, _, _): answers[call.number] = .null
      default: break
      }
    }
    return answers
  }

  private mutating func goOn(_ application: String) {
    guard let script = scripts[application] else { return }
    do throws(HostCallFailure) {
      let calls = try script.program.calls(after: script.answers)
      if calls.isEmpty { endScript(application, script.token, .returned) }
      for call in calls where scripts[application]?.called.insert(call.number).inserted == true {
        answer(.called(application: application, token: script.token, call, answerAtOnce(call)))
      }
    } catch {
      flaw = Flaw(description: "\(application): \(error.message)")
    }
  }

  mutating func endScript(_ application: String, _ token: Int, _ end: RunStateMachine.ScriptEnd) {
    guard scripts[application]?.token == token else { return }
    scripts[application] = nil
    answer(.scriptEnded(application: application, token: token, end))
  }

  /// A script takes each answer once.
  mutating func hear(_ application: String, _ token: Int, _ call: Int, _ given: HostAnswer) {
    guard let script = scripts[application], script.token == token, script.answers[call] == nil else { return }
    switch given {
    case .result(let value):
      scripts[application]?.answers[call] = value
      goOn(application)
    case .failure(let failure):
      endScript(application, token, .failed(ScriptFailure(.runtime, failure.message)))
    }
  }

  // MARK: Calls

  /// A put may be answered before its run has heard of it.
  private mutating func answerAtOnce(_ call: ScriptCall) -> RunStateMachine.CallEnd? {
    call.isPut && chance(2) ? useDocuments(call, since: now) : nil
  }

  mutating func performCall(_ application: String, _ token: Int, _ order: RunStateMachine.CallOrder) {
    let call = order.call
    let end: RunStateMachine.CallEnd
    switch call.function {
    case "time.sleep":
      let due = order.since + .seconds(2)
      guard due <= now else {
        pending.append((due, .call(application: application, token: token, order, life: life)))
        return
      }
      end = .answered(.result(.null))
    case "approval":
      answer(.approve(call.arguments.string("name") ?? "", by: "someone"))
      return
    case ScriptCall.shell:
      let key = HookKey(run: machine.id, order.reference, call: call.number, since: order.since)
      start(key, "\(application) call \(call.number)")
      guard case .finished(let result) = hooks[key] else {
        let look = now + .milliseconds(300)
        pending.append((look, .call(application: application, token: token, order, life: life)))
        return
      }
      end = .answered(.result(["status": result.status == .exited(0) ? 0 : 1, "stdout": "", "stderr": ""]))
    case _ where call.isHTTP:
      requests.append("\(call.function) \(call.arguments.string("url") ?? "")")
      end = .answered(.result(["status": 200, "body": "ok"]))
    case _ where call.isDocuments: end = useDocuments(call, since: order.since)
    default:
      flaw = Flaw(description: "nobody performs \(call.record.sentence)")
      return
    }
    answer(.performed(application: application, token: token, call: call.number, end))
  }

  private func useDocuments(_ call: ScriptCall, since: Timestamp) -> RunStateMachine.CallEnd {
    let key = call.arguments.string("key") ?? ""
    // As the ledger of the documents does it: no write is older than one before.
    let version = max(since, documents.values.map(\.version).max() ?? since)
    func write(_ change: DocumentWrite.Change) -> DocumentWrite {
      DocumentWrite(stack: "s", key: key, version: version, change: change)
    }
    switch call.function {
    case "cassandra.get": return .answered(.result(documents[key]?.value ?? .null))
    case "cassandra.put":
      return .written(.result(.null), write(.put(call.arguments["value"] ?? .null, expiresAt: nil)))
    case "cassandra.delete":
      guard documents[key] != nil else { return .answered(.result(false)) }
      return .written(.result(true), write(.delete))
    default: return .answered(.result(.array(documents.keys.sorted().map { .string($0) })))
    }
  }

  /// Together with the entry of the answer.
  mutating func apply(_ write: DocumentWrite) {
    if let stored = documents[write.key], stored.version > write.version { return }
    switch write.change {
    case .put(let value, let expiresAt):
      documents[write.key] = DocumentRecord(
        key: write.key, value: value, version: write.version, expiresAt: expiresAt)
    case .delete: documents[write.key] = nil
    }
    documentWrites[write.key, default: 0] += 1
  }
}
