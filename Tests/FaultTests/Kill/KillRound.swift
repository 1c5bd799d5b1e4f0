import Concurrency
import Glibc
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
  /// Requests of its scripts (`PUT /STACK/active`, where `WEB` stands before the path), each made once. They may be repeated, and are,
  /// where a server is killed before it has noted the answer.
  var requests: [String] = []
  var post: TracedPost?

  func starts(of application: String) -> Int { restarted.contains(application) ? 2 : 1 }
}

/// One life of a stack, `add`, `run` and `down`, through a server that is killed at one point, and another one after it.
struct KillRound: Sendable {
  let stack: TracedStack
  let world: KillWorld
  let title: String
  /// Whether the servers run it before they serve.
  var isBootstrap = false
  /// What a person says where nobody can tell whether the stack's `post` was sent.
  var decision = APIResumeRequest.Decision.retryStep
  /// How often each application was created or changed so far.
  private let changes = Locked<[String: Int]>([:])
  /// How often the post had come when a person decided about it.
  private let decided = Locked<Int?>(nil)

  init(stack: TracedStack, world: KillWorld, title: String, isBootstrap: Bool = false) {
    self.stack = stack
    self.world = world
    self.title = title
    self.isBootstrap = isBootstrap
  }

  enum End: Sendable {
    /// - Parameter wasBlocked: until a person had decided.
    case killed(at: String, wasBlocked: Bool)
    /// The point lies behind the end. The points are as `FaultPoint` describes them.
    case survived(points: [String], fileOperations: Int)
  }

  func play(_ variables: [String: String]) async throws -> End {
    let folder = try TemporaryFolder()
    mkdir(folder.file("data"), 0o700)
    mkdir(folder.file("tasks"), 0o700)
    var variables = variables
    let source = stack.source.replacing("TASKS", with: folder.file("tasks")).replacing(
      "WEB/", with: "\(world.web.url)/")
    if isBootstrap {
      let file = folder.file(stack.file)
      try write(Array(source.utf8), to: file)
      variables["BOOTSTRAP"] = file
    }
    variables["POINTS"] = folder.file("points")
    variables["FILE_OPERATIONS"] = folder.file("file-operations")
    let (first, server) = try await ServerProcess.start(
      .faulty(variables), folder: folder, in: world)
    var isOver = false
    if let server {
      do {
        try await live(server.client, folder, source, isKilled: false)
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
    if first.currentExitStatus == .signalled(SIGKILL) { try await checkWorkers() }
    if isOver {
      let operations = Int(folder.read("file-operations").split(separator: "\n").first ?? "") ?? 0
      // It may also have died while it stopped.
      guard await first.exitStatus() == .signalled(SIGKILL) else {
        return .survived(points: points, fileOperations: operations)
      }
      return .killed(at: points.last ?? "its start", wasBlocked: false)
    }
    // It may have been killed before it had an administrator; the record of a dead server names nobody.
    unlink(folder.file("data/server.json"))
    let (second, next) = try await ServerProcess.start(
      .normal(bootstrap: variables["BOOTSTRAP"]), folder: folder, in: world)
    guard let next else {
      throw KillFailure("\(title): the next server ended: \(await second.exitStatus())\n\(log(folder))")
    }
    do {
      try await live(next.client, folder, source, isKilled: true)
      try checkDecision(points, isAtPoint: variables["KILL_AT"] != nil)
      await next.stop()
    } catch {
      await next.stop()
      throw KillFailure("\(title), killed at \(points.last ?? "its start"): \(error)\n\(log(folder))")
    }
    return .killed(at: points.last ?? "its start", wasBlocked: decided.withLock { $0 } != nil)
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
  /// - Parameter isKilled: whether another server was, before this one.
  private func live(_ client: StackClient, _ folder: TemporaryFolder, _ source: String, isKilled: Bool) async throws {
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
    var end = try await settled(client, run)
    if end.run.state == "blocked" {
      try await decide(client, end, isKilled: isKilled)
      end = try await settled(client, run)
    }
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
      try checkRequests(end, isKilled: isKilled)
      down = try await client.down(stack.name, APIDownRequest())
    }
    let last = try await settled(client, down)
    guard last.run.state == "succeeded" else { throw KillFailure("down \(last.run.state): \(last.run.error ?? "")") }
    try await checkDown(folder)
    try checkRequests(end, isKilled: isKilled)
  }

  /// Returns when the run is over or needs a person.
  private func settled(_ client: StackClient, _ run: Int64) async throws -> APIRunStatus {
    var status = try await client.run(run)
    let deadline = ContinuousClock.now + .seconds(60)
    while !status.run.isFinal, status.run.state != "blocked" {
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
      var starts = processes(folder, application)
      // A task that the cluster says is running may not have come to its first command.
      for _ in 0..<400 where starts.count < stack.starts(of: application) {
        try await Task.sleep(for: .milliseconds(5))
        starts = processes(folder, application)
      }
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

  // MARK: Requests

  /// A run is blocked for one reason alone: nobody can tell whether its post was sent.
  private func decide(_ client: StackClient, _ status: APIRunStatus, isKilled: Bool) async throws {
    let reason = status.failure?.reason ?? ""
    let blocked = status.applications.filter { $0.state == "blocked" }
    guard isKilled, let post = stack.post, blocked.map(\.id) == [stack.name], blocked.first?.step == "run",
      status.failure?.step == "run", reason.contains("http.post POST \(world.web.url)/\(stack.name)/"),
      reason.contains("was carried out: the server stopped"), decided.withLock({ $0 }) == nil
    else { throw KillFailure("blocked: \(status.failure.map { "\($0)" } ?? "")") }
    let count = world.web.requests(of: stack.name)[post.request] ?? 0
    decided.withLock { $0 = count }
    try await client.resume(status.run.id, decision)
  }

  /// The next server asked a person exactly where the one that was killed had left a doubt.
  private func checkDecision(_ points: [String], isAtPoint: Bool) throws {
    guard let post = stack.post else { return }
    let isDecided = decided.withLock { $0 } != nil
    switch post.doubt(points, stack: stack.name, isAtPoint: isAtPoint) {
    case .possible: break
    case .certain: guard isDecided else { throw KillFailure("\(post.request) was in doubt, and nobody was asked") }
    case .none: guard !isDecided else { throw KillFailure("\(post.request) was not in doubt, and a person was asked") }
    }
  }

  /// What may be repeated came once, and maybe once more where a server was killed; what may not came once, or as a person
  /// wanted it.
  private func checkRequests(_ end: APIRunStatus, isKilled: Bool) throws {
    var requests = world.web.requests(of: stack.name)
    let all = requests
    for request in stack.requests {
      guard let count = requests.removeValue(forKey: request), count == 1 || (isKilled && count == 2) else {
        throw KillFailure("\(request) is not there once: \(all)")
      }
    }
    if let post = stack.post {
      let seen = decided.withLock { $0 }
      let isSkipped = seen != nil && decision == .skipStep
      let expected = (seen ?? 0) + (isSkipped ? 0 : 1)
      let count = requests.removeValue(forKey: post.request) ?? 0
      guard count == expected, seen ?? 0 <= 1 else {
        throw KillFailure(
          "\(post.request) came \(count) times instead of \(expected), \(seen ?? 0) before the decision")
      }
      guard end.variables[post.variable] == (isSkipped ? nil : "200") else {
        throw KillFailure("\(post.variable) is \(end.variables[post.variable] ?? "nothing"), decided: \(decision)")
      }
    }
    guard requests.isEmpty else { throw KillFailure("nobody wanted \(requests)") }
  }

  /// What ran scripts for the server dies with it.
  private func checkWorkers() async throws {
    let orphans = try ScriptWorkers.orphans()
    guard try await ScriptWorkers.areGone(orphans, within: .seconds(2)) else {
      throw KillFailure("\(title): workers of a server that is gone: \(orphans)")
    }
  }

  // MARK: Ends

  private func seenChanges() -> [String: Int] {
    let new = world.cluster.takeChanges(of: stack.name)
    return changes.withLock { changes in
      changes.merge(new, uniquingKeysWith: +)
      return changes
    }
  }

  /// Nothing is left, and nothing was started again.
  private func checkDown(_ folder: TemporaryFolder) async throws {
    let left = try await world.cluster.applications(stack.name)
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
