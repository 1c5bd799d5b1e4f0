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
  /// Requests of scripts that must not be repeated: nobody can tell what comes of it.
  var posts: [String]
  /// Those that may be: what is asked and put twice is as good as once.
  var repeatable: Set<String>

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
    let requests = world.web.requests
    repeatable = Set(requests.filter(Self.mayBeRepeated))
    posts = requests.filter { !Self.mayBeRepeated($0) }.sorted()
  }

  /// Whether a request (`PUT http://agent-1:31000/active`) may be sent again, where a server is gone before it has noted the
  /// answer.
  static func mayBeRepeated(_ request: String) -> Bool {
    ["GET ", "PUT ", "DELETE "].contains { request.hasPrefix($0) }
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
    compare("posts", \.posts)
    compare("repeatable requests", \.repeatable)
    return found.joined(separator: "\n")
  }

  /// What there is that the other has not, and what must be the same although a script was left on its way; for a message.
  func excess(over other: Trace) -> String {
    var found: [String] = []
    func compare<Element>(_ name: String, _ path: KeyPath<Trace, [Element]>) {
      var left = other[keyPath: path].map { "\($0)" }
      for element in self[keyPath: path].map({ "\($0)" }) {
        if let place = left.firstIndex(of: element) {
          left.remove(at: place)
        } else {
          found.append("\(name): \(element) is one too many, beside \(other[keyPath: path])")
        }
      }
    }
    compare("effects", \.effects)
    compare("posts", \.posts)
    compare("repeatable requests", \.sortedRepeatable)
    compare("documents", \.sortedDocuments)
    if hooks != other.hooks { found.append("hooks: \(hooks) instead of \(other.hooks)") }
    if tasks != other.tasks { found.append("tasks: \(tasks) instead of \(other.tasks)") }
    if states != other.states { found.append("states: \(states) instead of \(other.states)") }
    if failures != other.failures { found.append("failures: \(failures) instead of \(other.failures)") }
    return found.joined(separator: "\n")
  }

  private var sortedRepeatable: [String] { repeatable.sorted() }
  private var sortedDocuments: [String] { documents.map { "\($0.key)=\($0.value.text)" }.sorted() }
}
