import JSON
import StackModel
import Store

@testable import Engine

/// The applications that there must be if journals are to be believed.
struct JournaledWorld {
  private(set) var deployed: [String: JSON]
  /// Applications whose last change has no outcome that says whether it happened.
  private(set) var doubtful: Set<String> = []

  /// What the calls of scripts work on, by the name of their walk.
  private var targets: [String: String] = [:]

  /// - Parameter before: the world that the first of the runs found.
  init(before: [String: JSON]) {
    deployed = before
  }

  mutating func take(_ journal: [JournalRecord]) throws {
    var open: [String: JournalEntry.Change] = [:]
    for record in journal {
      switch try JournalEntry(record) {
      case .called(let step, let call): targets[step.path + "#\(call.number)"] = call.application
      case .intent(let step, .change(let change)): open[step.application] = change
      case .outcome(let step, let outcome) where step.step == .launch || step.step == .destroy:
        let id = target(step.application)
        switch outcome {
        case .succeeded(let success):
          let change = open.removeValue(forKey: step.application)
          switch success.change {
          case .created?, .updated?: deployed[id] = change?.definition
          case .destroyed?, .absent?: deployed[id] = nil
          case .adopted?, .restarted?, .unchanged?, nil: break
          }
        case .notPerformed: open[step.application] = nil
        case .undecided, .failed, .skipped: break
        }
      default: break
      }
    }
    doubtful.formUnion(open.keys.map { target($0) })
  }

  private func target(_ walk: String) -> String { targets[walk] ?? clusterID(of: walk) }

  /// What the world has that it should not have, or the other way round; nil if they agree.
  func disagreement(with world: [String: JSON]) -> String? {
    let ids = Set(deployed.keys).union(world.keys).subtracting(doubtful)
    let wrong = ids.filter { deployed[$0] != world[$0] }.sorted()
    guard !wrong.isEmpty else { return nil }
    return wrong.map { id in
      "\(id): the journal says \(deployed[id]?.text ?? "nothing"), there is \(world[id]?.text ?? "nothing")"
    }.joined(separator: "\n")
  }
}

/// What must hold for every journal, whatever happened.
func flaws(of journal: [JournalRecord], _ record: RunRecord) throws -> [String] {
  var flaws: [String] = []
  if journal.map(\.sequence) != (1...Int64(max(1, journal.count))).map({ $0 }) { flaws.append("its sequence has gaps") }
  var last: RunRecord.State?
  var isOver = false
  var attempts: Set<String> = []
  for line in journal {
    if isOver { flaws.append("entry \(line.sequence) (\(line.kind)) follows its end") }
    switch try JournalEntry(line) {
    case .runState(let state, _):
      last = state
      isOver = state.isFinal
    case .intent(let step, _):
      let attempt = "\(step.application)/\(step.step.name)/\(step.attempt)"
      if !attempts.insert(attempt).inserted { flaws.append("two intents for \(attempt)") }
    default: break
    }
  }
  if last != record.state { flaws.append("the record says \(record.state), the journal \(String(describing: last))") }
  return flaws
}
