import Concurrency
import Engine
import EngineFakes
import JSON
import StackModel
import Store

/// The world as runs left it, and what the runs say of it.
struct Trace: Hashable, Sendable {
  var effects: [String]
  var hooks: [String]
  var tasks: [String]
  var deployed: [String: JSON]
  var owned: [String: JSON]
  var states: [RunRecord.State]
  var changes: [[ApplicationStatus.Change?]]
  var failures: [RunFailure?]
  var variables: [[String]]
  /// What scripts keep, by key.
  var documents: [String: JSON]

  init(_ world: SagaWorld, _ runs: [RunStatus], _ store: any Store) async throws {
    effects = world.cluster.effects.sorted()
    hooks = world.hooks.runs.sorted()
    tasks = world.runner.done.sorted()
    deployed = world.deployed
    owned = [:]
    for record in try await store.ownership(stack: "s", zone: "") { owned[record.application] = record.definition }
    states = runs.map(\.state)
    changes = runs.map { $0.applications.map(\.change) }
    failures = runs.map(\.failure)
    variables = runs.map { $0.variables.map { "\($0.key)=\($0.value)" }.sorted() }
    documents = [:]
    let now = world.time.now()
    for key in try await store.documentKeys(of: "s", in: DocumentRange(), limit: 100, at: now).keys {
      documents[key] = try await store.document(key, of: "s", at: now)?.value
    }
  }

  /// What is different, for a message.
  func differences(from other: Trace) -> String {
    var found: [String] = []
    func compare<Value: Equatable>(_ name: String, _ path: KeyPath<Trace, Value>) {
      if self[keyPath: path] != other[keyPath: path] {
        found.append("\(name): \(self[keyPath: path]) instead of \(other[keyPath: path])")
      }
    }
    compare("effects", \.effects)
    compare("hooks", \.hooks)
    compare("tasks", \.tasks)
    compare("deployed", \.deployed)
    compare("owned", \.owned)
    compare("states", \.states)
    compare("changes", \.changes)
    compare("failures", \.failures)
    compare("variables", \.variables)
    compare("documents", \.documents)
    return found.joined(separator: "\n")
  }
}
