import Concurrency
import Glibc
import HTTPClient
import Processes
import StackAPI
import StackClient
import TestFolders
import Testing

/// A stack that leaves traces: its hooks append a line each to `$HOOK_LOG`, its tasks their process number to a file.
struct TracedStack: Sendable {
  /// Stack and application ids begin with it.
  var name: String
  var source: String
  /// A stack that is Lua has a name that ends so.
  var file = "stack.yaml"
  var applications: [String]
  /// Lines that each run leaves, sorted.
  var hooks: [String]
  var end: String
  /// Those of the applications whose task is replaced once.
  var restarted: Set<String> = []
  /// Those that are gone at the end of the run.
  var destroyed: Set<String> = []

  func starts(of application: String) -> Int { restarted.contains(application) ? 2 : 1 }
}

/// One life of a stack, `add`, `run` and `down`, through a server that is killed at one point, and another one after it.
struct KillRound: Sendable {
  let stack: TracedStack
  let cluster: ClusterProcess
  let http: HTTPClient
  let title: String
  /// Whether the servers run it before they serve.
  var isBootstrap = false
  /// How often each application was created or changed so far.
  private let changes = Locked<[String: Int]>([:])

  init(stack: TracedStack, cluster: ClusterProcess, http: HTTPClient, title: String, isBootstrap: Bool = false) {
    self.stack = stack
    self.cluster = cluster
    self.http = http
    self.title = title
    self.isBootstrap = isBootstrap
  }

  enum End: Sendable {
    case killed(at: String)
    /// The point lies behind the end. The points are as `FaultPoint` describes them.
    case survived(points: [String], fileOperations: Int)
  }

  func play(_ variables: [String: String]) async throws -> End {
    let folder = try TemporaryFolder()
    mkdir(folder.file("data"), 0o700)
    mkdir(folder.file("tasks"), 0o700)
    var variables = variables
    let source = stack.source.replacing("TASKS", with: folder.file("tasks"))
    if isBootstrap {
      let file = folder.file(stack.file)
      try write(Array(source.utf8), to: file)
      variables["BOOTSTRAP"] = file
    }
    variables["POINTS"] = folder.file("points")
    variables["FILE_OPERATIONS"] = folder.file("file-operations")
    let (first, server) = try await ServerProcess.start(
      .faulty(variables), folder: folder, cluster: cluster, http: http)
    var isOver = false
    if let server {
      do {
        try await live(server.client, folder, source)
        isOver = true
        await server.stop()
      } catch {
        // Either it was killed, or something is wrong.
        let status = await exitStatus(of: first)
        guard status == .signalled(SIGKILL) else {
          first.signal(SIGKILL)
          throw KillFailure("\(title): \(error), the server: \(status.map { "\($0)" } ?? "lives")\n\(log(folder))")
        }
      }
    } else {
      let status = await first.exitStatus()
      guard status == .signalled(SIGKILL) else { throw KillFailure("\(title): it ended: \(status)\n\(log(folder))") }
    }
    let points = folder.read("points").split(separator: "\n").map(String.init)
    if isOver {
      let operations = Int(folder.read("file-operations").split(separator: "\n").first ?? "") ?? 0
      // It may also have died while it stopped.
      guard await first.exitStatus() == .signalled(SIGKILL) else {
        return .survived(points: points, fileOperations: operations)
      }
      return .killed(at: points.last ?? "its start")
    }
    // It may have been killed before it had an administrator; the record of a dead server names nobody.
    unlink(folder.file("data/server.json"))
    let (second, next) = try await ServerProcess.start(
      .normal(bootstrap: variables["BOOTSTRAP"]), folder: folder, cluster: cluster, http: http)
    guard let next else {
      throw KillFailure("\(title): the next server ended: \(await second.exitStatus())\n\(log(folder))")
    }
    do {
      try await live(next.client, folder, source)
      await next.stop()
    } catch {
      await next.stop()
      throw KillFailure("\(title), killed at \(points.last ?? "its start"): \(error)\n\(log(folder))")
    }
    return .killed(at: points.last ?? "its start")
  }

  private func log(_ folder: TemporaryFolder) -> String {
    "--- points\n\(folder.read("points").suffix(600))--- log\n\(folder.read("server.log").suffix(3_000))"
  }

  private func exitStatus(of process: RunningProcess) async -> Processes.ExitStatus? {
    for _ in 0..<200 {
      if let status = process.currentExitStatus { return status }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return nil
  }

  /// Goes on with whatever is not done yet.
  private func live(_ client: StackClient, _ folder: TemporaryFolder, _ source: String) async throws {
    if try await !client.stacks().contains(where: { $0.name == stack.name }) {
      _ = try await client.add(APIStackAddition(source: source, file: stack.file))
    }
    var runs = try await client.runs(StackClient.RunQuery()).runs
    let run: Int64
    if let known = runs.first(where: { $0.kind == "run" }) {
      run = known.id
    } else {
      run = try await client.start(APIRunRequest(stack: stack.name))
    }
    let end = try await settled(client, run)
    guard end.run.state == stack.end else {
      throw KillFailure("the run is \(end.run.state): \(end.run.error ?? "")")
    }
    runs = try await client.runs(StackClient.RunQuery()).runs
    guard runs.filter({ $0.kind == "run" }).count == 1 else { throw KillFailure("runs: \(runs)") }
    let down: Int64
    if let known = runs.first(where: { $0.kind == "down" }) {
      down = known.id
    } else {
      // Once for each server that comes so far.
      try await checkRun(folder)
      down = try await client.down(stack.name, APIDownRequest())
    }
    let last = try await settled(client, down)
    guard last.run.state == "succeeded" else { throw KillFailure("down \(last.run.state): \(last.run.error ?? "")") }
    try await checkDown(folder)
  }

  private func settled(_ client: StackClient, _ run: Int64) async throws -> APIRunStatus {
    var status = try await client.run(run)
    let deadline = ContinuousClock.now + .seconds(60)
    while !status.run.isFinal {
      if status.run.state == "blocked" { throw KillFailure("blocked: \(status.failure?.reason ?? "")") }
      guard ContinuousClock.now < deadline else {
        let waits = status.applications.map { "\($0.id) \($0.state): \($0.waiting?.sentence ?? "")" }
        throw KillFailure("run \(run) does not end: \(status.waiting?.sentence ?? "") \(waits)")
      }
      try await Task.sleep(for: .milliseconds(15))
      status = try await client.run(run)
    }
    return status
  }

  /// Every application was created once and not changed again, each of its tasks started once, and once more where it was to
  /// be restarted; each hook ran once.
  private func checkRun(_ folder: TemporaryFolder) async throws {
    let hooks = folder.read("hooks.log").split(separator: "\n").map(String.init).sorted()
    guard hooks == stack.hooks else { throw KillFailure("hooks: \(hooks) instead of \(stack.hooks)") }
    for application in stack.applications {
      let starts = processes(folder, application)
      guard starts.count == stack.starts(of: application), let last = starts.last else {
        throw KillFailure("\(application) was started \(starts.count) times")
      }
      let isGone = stack.destroyed.contains(application)
      guard (kill(last, 0) != 0) == isGone else {
        throw KillFailure(isGone ? "\(application) runs still" : "\(application) does not run any more")
      }
    }
    // The stream of events may be a little behind.
    for _ in 0..<200 where seenChanges().count < stack.applications.count {
      try await Task.sleep(for: .milliseconds(5))
    }
    let expected = Dictionary(uniqueKeysWithValues: stack.applications.map { ("/\($0)", 1) })
    guard seenChanges() == expected else { throw KillFailure("changes: \(seenChanges()) instead of \(expected)") }
  }

  private func seenChanges() -> [String: Int] {
    let new = cluster.takeChanges(of: stack.name)
    return changes.withLock { changes in
      changes.merge(new, uniquingKeysWith: +)
      return changes
    }
  }

  /// Nothing is left, and nothing was started again.
  private func checkDown(_ folder: TemporaryFolder) async throws {
    let left = try await cluster.applications(stack.name)
    guard left.isEmpty else { throw KillFailure("still on the cluster: \(left)") }
    for application in stack.applications {
      let starts = processes(folder, application)
      guard starts.count == stack.starts(of: application) else {
        throw KillFailure("\(application) was started \(starts.count) times")
      }
      guard starts.allSatisfy({ kill($0, 0) != 0 }) else {
        throw KillFailure("a task of \(application) runs after down")
      }
    }
    let hooks = folder.read("hooks.log").split(separator: "\n").map(String.init).sorted()
    guard hooks == stack.hooks else { throw KillFailure("hooks after down: \(hooks)") }
  }

  private func processes(_ folder: TemporaryFolder, _ application: String) -> [Int32] {
    folder.read("tasks/\(application)").split(separator: "\n").compactMap { Int32($0) }
  }
}

struct KillFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
