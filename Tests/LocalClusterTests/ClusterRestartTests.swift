import Concurrency
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
