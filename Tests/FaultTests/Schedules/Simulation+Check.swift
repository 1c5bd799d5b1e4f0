import JSON
import StackModel
import Store

@testable import Engine

/// What must hold.
extension Simulation {
  /// What the machine knows for good is what the journal says.
  func compareWithJournal() throws {
    let replayed = try replayed()
    func durable(_ machine: RunStateMachine) -> [String] {
      ["\(machine.state) \(String(describing: machine.failure)) \(machine.variables.map { "\($0.key)=\($0.value)" })"]
        + machine.walks.map {
          "\($0.id) \($0.state) \($0.position) \($0.attempt) \($0.stage) \(String(describing: $0.until)) \($0.hookKeys) "
            + "\(String(describing: $0.change)) \(String(describing: $0.deployment)) \(String(describing: $0.failure))"
            + "\($0.script.calls) \($0.script.open.keys.sorted())"
        }
    }
    let (now, then) = (durable(machine), durable(replayed))
    if now != then {
      let wrong = zip(now, then).filter { $0.0 != $0.1 }.map { "\($0.0)\n  replayed: \($0.1)" }
      throw Flaw(description: "the machine knows what its journal does not say:\n\(wrong.joined(separator: "\n"))")
    }
  }

  func check() throws {
    try compareWithJournal()
    for (name, count) in effects {
      // What the cluster was told to do already is not known to be done: an update, which says the same, is sent again.
      let application = String(name.drop { $0 != "/" })
      let limit = name.hasPrefix("update ") ? 1 + (toldOfRepetition[application] ?? 0) : 1
      if count > limit { throw Flaw(description: "\(name) happened \(count) times") }
    }
    for (name, count) in hookRuns where count > 1 { throw Flaw(description: "hook \(name) ran \(count) times") }
    for (name, count) in tasks where count > 1 { throw Flaw(description: "task \(name) ran \(count) times") }
    if isCancelled, machine.state == .cancelled { return }
    guard machine.state == .succeeded else {
      throw Flaw(description: "the run is \(machine.state): \(String(describing: machine.failure)); \(waits)")
    }
    try checkWorld()
    if !programs.isEmpty { try checkScripts() }
    if plan.stack.applications.values.contains(where: { $0.type == "kafka" }) {
      let wanted = plan.stack.applications.values.flatMap { $0.tasks.map(\.name) }
      guard Set(tasks.keys) == Set(wanted) else { throw Flaw(description: "tasks: \(tasks)") }
    }
  }

  private func checkWorld() throws {
    let stack = plan.kind == .down ? [] : plan.stack.applications.values.map { "/\($0.id)" }
    let wanted = scripted.union(stack)
    guard Set(apps.keys) == wanted else { throw Flaw(description: "deployed: \(apps.keys.sorted())") }
    guard Set(owners.keys) == wanted else { throw Flaw(description: "owned: \(owners.keys.sorted())") }
    for (id, app) in apps where !app.isHealthy && !isRestarted(id) { throw Flaw(description: "\(id) is not healthy") }
    for (id, owner) in owners where owner.definition != apps[id]?.definition {
      throw Flaw(description: "the owner's definition of \(id) is \(owner.definition.text)")
    }
    if plan.kind == .down, !deployments.isEmpty {
      throw Flaw(description: "removals go on: \(deployments.keys.sorted())")
    }
  }

  /// Nobody waits for what a script has restarted at its end.
  private func isRestarted(_ id: String) -> Bool { effects["restart \(id)"] != nil }

  /// Each of the calls of both scripts was carried out once, those that may be repeated at least once.
  private func checkScripts() throws {
    let values = documents.mapValues(\.value)
    guard values == ["count": 1, "keys": ["count"]] else { throw Flaw(description: "documents: \(values)") }
    for (key, count) in documentWrites where count != (key == "state/passing" ? 2 : 1) {
      throw Flaw(description: "\(key) was written \(count) times")
    }
    guard Set(requests) == ["http.put http://h:1/count", "http.get http://h:1/count"] else {
      throw Flaw(description: "requests: \(requests)")
    }
    guard machine.variables["seen"] == "green" else {
      throw Flaw(description: "variables: \(machine.variables.map { "\($0.key)=\($0.value)" })")
    }
    for change in ["create /one", "create /two", "restart /one", "destroy /two"] where effects[change] != 1 {
      throw Flaw(description: "\(change) happened \(effects[change] ?? 0) times")
    }
    guard apps["/one"]?.definition["instances"] == 2 else { throw Flaw(description: "/one was not scaled") }
  }

  /// What is still on its way comes to its end, whoever asked for it.
  mutating func comeToRest() {
    while let next = pending.indices.min(by: { pending[$0].at < pending[$1].at }) {
      let (at, what) = pending.remove(at: next)
      now = max(now, at)
      switch what {
      case .change(let order, _): arrive(order, life - 1)
      case .progress(let id):
        apps[id]?.deployment = nil
        apps[id]?.isHealthy = true
      default: break
      }
    }
    deployments = [:]
  }
}
