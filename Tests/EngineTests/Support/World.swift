import Concurrency
import Engine
import EngineFakes
import FaultInjection
import JSON
import StackModel
import Store
import Testing

/// What outlives a server: the store, the cluster, hooks and the clock.
final class World: Sendable {
  let store = MemoryStore()
  let cluster = FakeCluster()
  let hooks = FakeHooks()
  let scripts = FakeScripts()
  let web = FakeWeb()
  let time: LeapingTime

  init(horizon: Duration = .seconds(20)) {
    time = LeapingTime(horizon: horizon)
  }

  /// - Parameter files: texts by path; the first one is the stack's own file.
  func add(
    _ stack: Stack, revision: Int = 1, level: LayerLevel? = nil, files: KeyValuePairs<String, String> = [:]
  ) async throws {
    let contents = files.map { FileContent(Array($0.value.utf8)) }
    try await store.add(
      StackRecord(
        name: stack.name, revision: revision, source: "", file: files.first?.key ?? "", stack: stack, level: level,
        addedAt: time.now(), addedBy: "test",
        files: zip(files, contents).map { StackFile(path: $0.key, $1) }),
      contents: contents)
  }

  func engine(
    gate: any FaultGate = ScriptedGate(), runners: [String: any TaskRunner] = [:],
    _ adjust: (inout EngineOptions) -> Void = { _ in }
  ) -> Engine {
    var options = EngineOptions()
    options.retention = nil
    // Beyond the horizon: a stop waits for what is under way, not for the clock.
    options.stopGrace = .seconds(100)
    options.timing.cancelGrace = .seconds(60)
    options.timing.failureGrace = .seconds(60)
    options.timing.logWait = .seconds(60)
    adjust(&options)
    return Engine(
      store: FaultyStore(store, gate: gate), cluster: FaultyCluster(ClusterConnection(cluster), gate: gate),
      hooks: FaultyHooks(HookConnection(hooks), gate: gate), scripts: ScriptConnection(scripts),
      services: ServiceConnection(web), runners: runners, time: time, options: options)
  }

  /// Lets an engine work while the body runs, and stops it in an orderly way.
  func serve<Result: Sendable>(
    _ engine: Engine, _ body: @Sendable (Engine) async throws -> Result
  ) async throws -> Result {
    try await engine.start()
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await engine.run() }
      let result = try await body(engine)
      group.cancelAll()
      return result
    }
  }

  /// What can be seen of the deployed applications, without what differs from run to run.
  var deployed: [String: JSON] { cluster.apps.mapValues(\.definition) }

  func owned() async throws -> [String: JSON] {
    var owned: [String: JSON] = [:]
    for record in try await store.ownership(stack: "s", zone: "") { owned[record.application] = record.definition }
    return owned
  }
}

/// Returns once the condition holds; fails the test where it never does.
func eventually(
  _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
  for _ in 0..<200_000 {
    if try await condition() { return }
    await Task.yield()
  }
  Issue.record("never happened: \(what)", sourceLocation: sourceLocation)
}
