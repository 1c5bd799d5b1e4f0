import Concurrency
import Glibc
import HTTPClient
import HTTPTypes
import JSON
import Processes
import Testing

@testable import LocalCluster

/// The cluster as the process that it is: the program `stack-deploy cluster`, found, ended, killed.
@Suite struct ClusterProcessTests {
  private static func executable() throws -> String { try HelperLocation.find("stack-deploy") }

  private static func withCluster(
    orphanTimeout: Duration = .seconds(300), _ body: (ClusterHarness) async throws -> Void
  ) async throws {
    let folder = ClusterHarness.temporaryFolder()
    defer { Files.remove(folder) }
    let endpoint = try await LocalCluster.ensureRunning(
      dataDirectory: folder, executable: executable(), agents: 2, orphanTimeout: orphanTimeout)
    let client = HTTPClient()
    defer { client.shutdown() }
    do {
      try await body(ClusterHarness(endpoint: endpoint, client: client, folder: folder))
    } catch {
      try await endpoint.stop()
      throw error
    }
    try await endpoint.stop()
  }

  /// A task whose grandchild leads a session of its own and ignores SIGTERM; the ids of task, grandchild and supervisor.
  private static func startWithGrandchild(
    _ cluster: ClusterHarness
  ) async throws -> (task: Int32, grandchild: Int32, supervisor: Int32) {
    let command = """
      setsid sh -c 'trap "" TERM; echo $$ > grandchild; while true; do sleep 0.1; done' & echo $$ > task; wait
      """
    _ = try await cluster.ask(
      .post, "/v2/apps",
      ["id": "/family", "cmd": .string(command), "cpus": 0.1, "mem": 16, "taskKillGracePeriodSeconds": 0.2])
    try await cluster.waitUntilDeployed("/family")
    let id = try #require(try await cluster.tasks("/family").first?["id"]?.stringValue)
    var pids: [Int32] = []
    try await cluster.wait("both say who they are") {
      pids = []
      for name in ["task", "grandchild"] {
        let text = try await cluster.file(id, name)
        if let pid = Int32(text.split(separator: "\n").first ?? "") { pids.append(pid) }
      }
      return pids.count == 2
    }
    let supervisor = try #require(parent(of: pids[0]))
    #expect(parent(of: supervisor) == cluster.endpoint.pid)
    return (pids[0], pids[1], supervisor)
  }

  private static func parent(of pid: Int32) -> Int32? {
    guard let bytes = try? Files.read("/proc/\(pid)/stat"), let end = bytes.lastIndex(of: UInt8(ascii: ")")) else {
      return nil
    }
    let fields = String(decoding: bytes[(end + 1)...], as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? Int32(fields[1]) : nil
  }

  @Test func theRunningOneIsFoundAgainAndItsEndTakesAllTasksAlong() async throws {
    try await Self.withCluster { cluster in
      let family = try await Self.startWithGrandchild(cluster)
      let again = try await LocalCluster.ensureRunning(
        dataDirectory: cluster.folder, executable: "/nonexistent")
      #expect(again.url == cluster.endpoint.url)
      #expect(again.credential == cluster.endpoint.credential)
      #expect(try await LocalCluster.find(dataDirectory: cluster.folder)?.pid == cluster.endpoint.pid)
      try await again.stop()
      #expect(!Poll.isAlive(cluster.endpoint.pid))
      #expect(!Poll.isAlive(family.task))
      #expect(!Poll.isAlive(family.grandchild))
      #expect(try await LocalCluster.find(dataDirectory: cluster.folder) == nil)
      // What stood is started again by the next one.
      let next = try await LocalCluster.ensureRunning(dataDirectory: cluster.folder, executable: Self.executable())
      let harness = ClusterHarness(endpoint: next, client: cluster.client, folder: cluster.folder)
      try await harness.wait("its task runs again") { try await harness.app("/family")["tasksRunning"] == 1 }
      try await next.stop()
    }
  }

  @Test func nothingOutlivesAClusterThatIsKilled() async throws {
    try await Self.withCluster { cluster in
      let family = try await Self.startWithGrandchild(cluster)
      kill(cluster.endpoint.pid, SIGKILL)
      try await Poll.until("the task and its grandchild are gone") {
        !Poll.isAlive(family.task) && !Poll.isAlive(family.grandchild) && !Poll.isAlive(family.supervisor)
      }
      #expect(try await LocalCluster.find(dataDirectory: cluster.folder) == nil)
      let next = try await LocalCluster.ensureRunning(dataDirectory: cluster.folder, executable: Self.executable())
      let harness = ClusterHarness(endpoint: next, client: cluster.client, folder: cluster.folder)
      try await harness.wait("its task runs again") { try await harness.app("/family")["tasksRunning"] == 1 }
      try await next.stop()
    }
  }

  @Test func nothingOutlivesASupervisorThatIsKilled() async throws {
    try await Self.withCluster { cluster in
      let family = try await Self.startWithGrandchild(cluster)
      kill(family.supervisor, SIGKILL)
      try await Poll.until("the task and its grandchild are gone") {
        !Poll.isAlive(family.task) && !Poll.isAlive(family.grandchild)
      }
      try await cluster.wait("the failure is told") {
        try await cluster.app("/family")["lastTaskFailure"]?["message"] == "Command terminated with signal Killed"
      }
      try await cluster.wait("it runs again") { try await cluster.app("/family")["tasksRunning"] == 1 }
    }
  }

  @Test func aClusterThatNobodyNeedsEndsByItself() async throws {
    let folder = ClusterHarness.temporaryFolder()
    defer { Files.remove(folder) }
    var endpoint: ClusterEndpoint? = try await LocalCluster.ensureRunning(
      dataDirectory: folder, executable: Self.executable(), orphanTimeout: .seconds(1))
    let pid = try #require(endpoint?.pid)
    // It is needed for longer than the timeout, and so stays.
    let clock = ContinuousClock()
    let start = clock.now
    try await Poll.until("some time has passed") { clock.now - start > .milliseconds(1_500) }
    #expect(Poll.isAlive(pid))
    endpoint = nil
    try await Poll.until("it has ended") { !Poll.isAlive(pid) }
  }

  @Test func aClusterThatCannotStartSaysWhy() async throws {
    let folder = ClusterHarness.temporaryFolder()
    defer { Files.remove(folder) }
    try Files.createFolder(ClusterFolder(folder).own)
    // A folder in the place of the database.
    try Files.createFolder(ClusterFolder(folder).database)
    await #expect {
      _ = try await LocalCluster.ensureRunning(dataDirectory: folder, executable: Self.executable())
    } throws: { error in
      "\(error)".contains("did not start") && "\(error)".contains("cluster.db")
    }
  }
}
