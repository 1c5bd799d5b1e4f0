import Concurrency
import Engine
import EngineFakes
import FaultInjection
import JSON
import StackModel
import Store
import StoreSQLite
import TestFolders
import Testing

/// What outlives a server: the store, the cluster, hooks, tasks and the clock.
final class SagaWorld: Sendable {
  enum Storage: String, Sendable, CaseIterable {
    case memory, sqlite
  }

  let cluster = FakeCluster()
  let hooks = FakeHooks()
  let scripts = FakeScripts()
  let web = FakeWeb()
  let runner = CountingRunner()
  let time = LeapingTime()
  private let memory: MemoryStore?
  private let folder: TemporaryFolder?

  init(_ storage: Storage) throws {
    memory = storage == .memory ? MemoryStore() : nil
    folder = storage == .sqlite ? try TemporaryFolder(inMemory: true) : nil
    cluster.state.withLock { $0.looksNeeded = 2 }
  }

  /// Empty for a store in memory.
  var storePath: String { folder.map { SQLiteStore.path(in: $0.path) } ?? "" }

  /// The store, opened anew where it is a file.
  func withStore<Result: Sendable>(_ body: @Sendable (any Store) async throws -> Result) async throws -> Result {
    if let memory { return try await body(memory) }
    guard let folder else { preconditionFailure("one of the two is there") }
    let store = try await SQLiteStore.open(folder: folder.path)
    do {
      let result = try await body(store)
      await store.close()
      return result
    } catch {
      await store.close()
      throw error
    }
  }

  /// - Parameter file: what the stack's own file says, which its functions need.
  func add(_ stack: Stack, revision: Int = 1, file: String? = nil) async throws {
    let now = time.now()
    let contents = [file.map { FileContent(Array($0.utf8)) }].compactMap(\.self)
    try await withStore { store in
      try await store.add(
        StackRecord(
          name: stack.name, revision: revision, source: "", file: "stack.lua", stack: stack, level: nil,
          addedAt: now, addedBy: "test", files: contents.map { StackFile(path: "stack.lua", $0) }),
        contents: contents)
    }
  }

  /// One server's life: until the body returns.
  func serve<Result: Sendable>(
    gate: any FaultGate = ScriptedGate(),
    stream: @escaping @Sendable (AsyncStream<ClusterEvent>) -> AsyncStream<ClusterEvent> = { $0 },
    opened: @escaping @Sendable (String) -> Void = { _ in },
    _ body: @escaping @Sendable (Engine, any Store) async throws -> Result
  ) async throws -> Result {
    try await withStore { store in
      opened(self.storePath)
      var options = EngineOptions()
      options.retention = nil
      // Beyond the clock's horizon: what is under way is waited for, not the clock.
      options.stopGrace = .seconds(100)
      options.timing.cancelGrace = .seconds(60)
      options.timing.failureGrace = .seconds(60)
      options.timing.logWait = .seconds(60)
      let engine = Engine(
        store: FaultyStore(store, gate: gate),
        cluster: FaultyCluster(ClusterConnection(self.cluster), gate: gate, stream: stream),
        hooks: FaultyHooks(HookConnection(self.hooks), gate: gate), scripts: ScriptConnection(self.scripts),
        services: FaultyServices(ServiceConnection(self.web), gate: gate),
        runners: ["kafka": FaultyRunner(self.runner, gate: gate)],
        time: self.time, options: options)
      try await engine.start()
      return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await engine.run() }
        do {
          let result = try await body(engine, store)
          group.cancelAll()
          return result
        } catch {
          group.cancelAll()
          throw error
        }
      }
    }
  }

  /// Through a server without faults.
  func runAll(_ requests: [RunRequest]) async throws -> [RunStatus] {
    try await serve { engine, _ in
      var runs: [RunID] = []
      for request in requests { runs.append(try await engine.submit(request)) }
      var ends: [RunStatus] = []
      for run in runs { ends.append(try await engine.waitUntilFinal(run)) }
      return ends
    }
  }

  /// What is deployed, without what differs from run to run.
  var deployed: [String: JSON] { cluster.apps.mapValues(\.definition) }
}

/// A task runner that remembers what it did; it outlives servers as the framework outside would.
final class CountingRunner: TaskRunner {
  private let jobs = Locked<[String]>([])

  var done: [String] { jobs.withLock { $0 } }

  func fill(application: String, tasks: [LiveTask]) async throws(TaskRunnerError) -> OrderedMap<String> {
    ["\(application).tasks": "\(tasks.count)"]
  }

  func run(_ task: TaskJob) async throws(TaskRunnerError) -> OrderedMap<String> {
    jobs.withLock { $0.append("\(task.application)/\(task.name)") }
    return ["\(task.application).\(task.name)": "done"]
  }
}
