import Concurrency
import HTTPClient
import HTTPServer
import HTTPTypes
import JSON
import Testing

@testable import LocalCluster

@Suite struct ClusterRestartTests {
  @Test func applicationsAreBackWithNewTasksAfterARestart() async throws {
    let folder = ClusterHarness.temporaryFolder()
    defer { Files.remove(folder) }
    let before = Box<JSON>(.null)
    try await ClusterHarness.with(folder: folder) { cluster in
      for name in ["keep", "gone"] {
        _ = try await cluster.ask(
          .post, "/v2/apps",
          ["id": .string("/\(name)"), "cmd": "exec sleep 1000", "cpus": 0.1, "mem": 16, "labels": ["a": "b"]])
        try await cluster.waitUntilDeployed("/\(name)")
      }
      _ = try await cluster.ask(.put, "/v2/apps/keep", ["env": ["B": "2"]])
      try await cluster.waitUntilDeployed("/keep")
      _ = try await cluster.ask(.delete, "/v2/apps/gone")
      before.set(try await cluster.app("/keep"))
    }
    let old = before.value
    let oldInfo = Box<JSON>(.null)
    try await ClusterHarness.with(folder: folder) { cluster in
      try await cluster.wait("it runs again") { try await cluster.app("/keep")["tasksRunning"] == 1 }
      let app = try await cluster.app("/keep")
      for key in ["version", "versionInfo", "env", "labels", "portDefinitions"] { #expect(app[key] == old[key]) }
      #expect(app["tasks"]?[0]?["id"] != old["tasks"]?[0]?["id"])
      #expect(app["deployments"] == [])
      #expect(try await cluster.ask(.get, "/v2/apps/gone").status == 404)
      #expect(try await cluster.ask(.get, "/v2/apps/keep/versions").json["versions"]?.arrayValue?.count == 2)
      oldInfo.set(try await cluster.ask(.get, "/v2/info").json)
    }
    try await ClusterHarness.with(folder: folder) { cluster in
      let info = try await cluster.ask(.get, "/v2/info").json
      #expect(info["frameworkId"] == oldInfo.value["frameworkId"])
    }
  }

  /// Whoever asks what became of a removal takes an answer that it is not there for the end of it.
  @Test func noApplicationIsMissedWhileTheClusterStarts() async throws {
    let folder = ClusterHarness.temporaryFolder()
    defer { Files.remove(folder) }
    let address = Box("")
    try await ClusterHarness.with(folder: folder, authentication: false) { cluster in
      _ = try await cluster.ask(.post, "/v2/apps", ["id": "/keep", "cmd": "exec sleep 1000", "instances": 0])
      address.set(cluster.endpoint.url)
    }
    let url = address.value
    for _ in 0..<4 {
      var options = ClusterHarness.options(folder, authentication: false)
      options.port = try #require(url.split(separator: ":").last.flatMap { Int($0) })
      let (stop, chosen) = (AsyncSignal(), options)
      let statuses = try await withThrowingTaskGroup(of: Set<Int>.self) { group in
        group.addTask {
          try await LocalCluster.run(chosen, until: stop)
          return []
        }
        group.addTask {
          defer { stop.fire() }
          return try await Self.statuses(of: "\(url)/v2/apps/keep")
        }
        return try await group.reduce(into: Set<Int>()) { $0.formUnion($1) }
      }
      #expect(statuses.isSubset(of: [200, 503]), "\(statuses)")
    }
  }

  /// All that is answered from before anybody listens until four askers have been told that it is there.
  private static func statuses(of url: String) async throws -> Set<Int> {
    let client = HTTPClient()
    defer { client.shutdown() }
    return try await withThrowingTaskGroup(of: Set<Int>.self) { group in
      for _ in 0..<4 {
        group.addTask {
          var seen = Set<Int>()
          try await Poll.until("it is there", every: .microseconds(100)) {
            guard let answer = try? await client.send(HTTPClientRequest(.get, url: url)) else { return false }
            _ = try? await answer.collect(upTo: 1 << 20)
            seen.insert(answer.status)
            return answer.status == 200
          }
          return seen
        }
      }
      return try await group.reduce(into: Set<Int>()) { $0.formUnion($1) }
    }
  }

  @Test func anApplicationIsSeenToBeRemovedOnlyWhenThatIsStored() async throws {
    let folder = ClusterHarness.temporaryFolder()
    defer { Files.remove(folder) }
    let place = ClusterFolder(folder)
    try Files.createFolder(place.own)
    let store = try await StateStore.open(place.database)
    try await store.apply(
      .saved(try AppDefinition.decode(["id": "/keep", "cmd": "exec sleep 1000", "instances": 0])))
    let client = HTTPClient()
    defer { client.shutdown() }
    let sandboxes = Sandboxes(place, retention: 1)
    let driver = ClusterDriver(
      Simulation().cluster, restoring: try await store.load(), time: SteadyTime(),
      runner: TaskRunner(
        sandboxes: sandboxes, fetcher: ArtifactFetcher(client: client, environment: [:]), inherited: [:],
        outputLimit: 1),
      prober: Prober(client: client, sandboxes: sandboxes, inherited: [:]), store: store)
    let server = ClusterServer(
      driver: driver, files: TaskFiles(sandboxes: sandboxes),
      gate: RequestGuard(credential: nil, host: "127.0.0.1", port: 1))
    let isThere = { @Sendable in driver.perform { cluster, _ in (cluster.hasApp("/keep"), []) } }
    let ask = { @Sendable (method: HTTPMethod) async throws -> Int in
      let request = HTTPRequest(method: method, target: "/v2/apps/keep", fields: ["Host": "127.0.0.1:1"])
      return await server.answer(try #require(request)).status
    }
    #expect(isThere(), "a driver begins with what is stored")
    let stop = AsyncSignal()
    try await withThrowingTaskGroup(of: Void.self) { group in
      // Nothing is stored before the driver runs.
      group.addTask { () async throws in #expect(try await ask(.delete) == 200) }
      try await Poll.until("the cluster has decided") { !isThere() }
      group.addTask { () async throws in
        defer { stop.fire() }
        #expect(try await ask(.get) == 404)
        #expect(try await store.load().current.isEmpty)
      }
      // Time for an answer that waits for nothing.
      try await Task.sleep(for: .milliseconds(100))
      await driver.run(until: stop)
      try await group.waitForAll()
    }
    await store.close()
  }

  @Test func aNewClusterWaitsForTheEndOfTheOneBefore() async throws {
    let folder = ClusterHarness.temporaryFolder()
    defer { Files.remove(folder) }
    let (up, continuation) = AsyncStream.makeStream(of: Void.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await ClusterHarness.with(folder: folder) { cluster in
          _ = try await cluster.ask(
            .post, "/v2/apps",
            ["id": "/slow", "cmd": "trap 'sleep 0.5; exit' TERM; touch up; while true; do sleep 0.05; done"])
          let path = { (id: String) in "/files/read?path=/tasks/\(id)/up&offset=0" }
          try await cluster.wait("its trap is set") {
            guard let id = try await cluster.tasks("/slow").first?["id"]?.stringValue else { return false }
            return try await cluster.ask(.get, path(id)).status == 200
          }
          continuation.finish()
        }
      }
      for await _ in up {}
      try await Poll.until("the first one is ending") { ClusterRecord.read(ClusterFolder(folder).record) == nil }
      try await ClusterHarness.with(folder: folder) { cluster in
        try await cluster.wait("its task runs again") { try await cluster.app("/slow")["tasksRunning"] == 1 }
      }
      try await group.waitForAll()
    }
  }

  @Test func theStateOfANewerVersionIsRefused() async throws {
    let folder = ClusterHarness.temporaryFolder()
    defer { Files.remove(folder) }
    try await ClusterHarness.with(folder: folder) { _ in }
    try await NewerSchema.write(ClusterFolder(folder).database)
    await #expect {
      try await LocalCluster.run(ClusterHarness.options(folder), until: .init())
    } throws: { error in
      "\(error)".contains("newer version")
    }
  }

  @Test func finishedSandboxesAreKeptUpToANumber() async throws {
    try await ClusterHarness.with(keptSandboxes: 2) { cluster in
      _ = try await cluster.ask(
        .post, "/v2/apps",
        ["id": "/s", "cmd": "exec sleep 1000", "cpus": 0.1, "mem": 16])
      try await cluster.waitUntilDeployed("/s")
      var ids: [String] = []
      for _ in 0..<4 {
        let id = try #require(try await cluster.tasks("/s").first?["id"]?.stringValue)
        ids.append(id)
        _ = try await cluster.ask(.delete, "/v2/apps/s/tasks/\(id)")
        try await cluster.wait("another one runs") {
          let task = try await cluster.tasks("/s").first
          return task?["id"]?.stringValue != id && task?["state"] == "TASK_RUNNING"
        }
      }
      try await cluster.wait("the older ones are gone") {
        let left = Files.names(in: "\(cluster.folder)/agents").flatMap {
          Files.names(in: "\(cluster.folder)/agents/\($0)")
        }
        return left.count == 3 && !left.contains(ids[0]) && !left.contains(ids[1]) && left.contains(ids[3])
      }
    }
  }
}
