import Concurrency
import HTTPClient
import HTTPTypes
import JSON
import Processes
import Testing

@testable import LocalCluster

@Suite struct ClusterRunTests {
  @Test func anApplicationGoesFromPostToRunningToGone() async throws {
    try await ClusterHarness.with { cluster in
      let posted = try await cluster.ask(
        .post, "/v2/apps", ["id": "/web", "cmd": "echo hello; exec sleep 1000", "cpus": 0.1, "mem": 16])
      #expect(posted.status == 201)
      #expect(posted.fields["Location"] == "\(cluster.endpoint.url)/web")
      #expect(posted.fields["Marathon-Deployment-Id"] == posted.json["deployments"]?[0]?["id"]?.stringValue)
      #expect(posted.fields["X-Marathon-Leader"] == cluster.endpoint.url)
      try await cluster.waitUntilDeployed("/web")
      let task = try #require(try await cluster.tasks("/web").first)
      #expect(task["state"] == "TASK_RUNNING")
      let id = try #require(task["id"]?.stringValue)
      try await cluster.wait("its output is there") { try await cluster.file(id, "stdout") == "hello\n" }

      let deleted = try await cluster.ask(.delete, "/v2/apps/web")
      #expect(deleted.status == 200)
      #expect(try await cluster.ask(.get, "/v2/apps/web").status == 404)
      try await cluster.wait("its deployment is over") {
        try await cluster.ask(.get, "/v2/deployments").json == []
      }
      // The sandbox outlives the task.
      #expect(try await cluster.file(id, "stdout") == "hello\n")
    }
  }

  @Test func theEnvironmentIsWhatMarathonGives() async throws {
    try await ClusterHarness.with { cluster in
      _ = try await cluster.ask(
        .post, "/v2/apps",
        [
          "id": "/env/app.test", "cmd": "env | sort; exec sleep 1000", "cpus": 0.25, "mem": 40, "disk": 1,
          "env": ["A": "1"], "labels": ["team": "a", "With-Dash": "x y"], "ports": [0, 11222],
        ])
      try await cluster.waitUntilDeployed("/env/app.test")
      let app = try await cluster.app("/env/app.test")
      let task = try #require(app["tasks"]?[0])
      let id = try #require(task["id"]?.stringValue)
      let ports = (task["ports"]?.arrayValue ?? []).compactMap(\.intValue)
      try #require(ports.count == 2)
      try await cluster.wait("env has run") { try await cluster.file(id, "stdout").contains("PORT_11222") }
      let lines = Set(try await cluster.file(id, "stdout").split(separator: "\n").map(String.init))
      for line in [
        "A=1", "HOST=\(task["host"]?.stringValue ?? "")", "MARATHON_APP_ID=/env/app.test",
        "MARATHON_APP_LABELS=TEAM WITH_DASH", "MARATHON_APP_LABEL_TEAM=a", "MARATHON_APP_LABEL_WITH_DASH=x y",
        "MARATHON_APP_RESOURCE_CPUS=0.25", "MARATHON_APP_RESOURCE_DISK=1.0", "MARATHON_APP_RESOURCE_GPUS=0",
        "MARATHON_APP_RESOURCE_MEM=40.0", "MARATHON_APP_VERSION=\(app["version"]?.stringValue ?? "")",
        "MESOS_TASK_ID=\(id)", "PORT0=\(ports[0])", "PORT1=\(ports[1])", "PORT=\(ports[0])",
        "PORTS=\(ports[0]),\(ports[1])", "PORT_10000=\(ports[0])", "PORT_11222=\(ports[1])",
      ] {
        #expect(lines.contains(line), "\(line)")
      }
      let sandbox = lines.first { $0.hasPrefix("MESOS_SANDBOX=") }?.dropFirst("MESOS_SANDBOX=".count)
      #expect(sandbox.map(String.init) == "\(cluster.folder)/agents/\(task["host"]?.stringValue ?? "")/\(id)")
    }
  }

  @Test func threeApplicationsInARowAreUpAtOnce() async throws {
    try await ClusterHarness.with { cluster in
      let clock = ContinuousClock()
      let taken = try await clock.measure {
        for name in ["a", "b", "c"] {
          _ = try await cluster.ask(
            .post, "/v2/apps", ["id": .string("/\(name)"), "cmd": "exec sleep 1000", "cpus": 0.1, "mem": 16])
          try await cluster.waitUntilDeployed("/\(name)")
        }
      }
      #expect(taken < .seconds(3), "\(taken)")
    }
  }

  @Test func aTaskThatIgnoresSIGTERMIsKilledAfterItsGrace() async throws {
    try await ClusterHarness.with { cluster in
      _ = try await cluster.ask(
        .post, "/v2/apps",
        [
          "id": "/stubborn", "cmd": "trap '' TERM; echo up; while true; do sleep 0.05; done", "cpus": 0.1, "mem": 16,
          "taskKillGracePeriodSeconds": 0.3,
        ])
      try await cluster.waitUntilDeployed("/stubborn")
      let id = try #require(try await cluster.tasks("/stubborn").first?["id"]?.stringValue)
      try await cluster.wait("the trap is set") { try await cluster.file(id, "stdout") == "up\n" }
      let answer = try await cluster.ask(.delete, "/v2/apps/stubborn/tasks/\(id)")
      #expect(answer.json["task"]?["id"]?.stringValue == id)
      try await cluster.wait("another one runs") {
        let tasks = try await cluster.tasks("/stubborn")
        return tasks.count == 1 && tasks[0]["id"]?.stringValue != id && tasks[0]["state"] == "TASK_RUNNING"
      }
      #expect(try await cluster.app("/stubborn")["lastTaskFailure"] == nil)
    }
  }

  @Test func aCommandThatFailsIsStartedAgainLaterAndLater() async throws {
    try await ClusterHarness.with { cluster in
      _ = try await cluster.ask(
        .post, "/v2/apps",
        [
          "id": "/crash", "cmd": "echo no >&2; exit 3", "cpus": 0.1, "mem": 16, "backoffSeconds": 0.1,
          "backoffFactor": 2,
        ])
      try await cluster.wait("it has failed") { try await cluster.app("/crash")["lastTaskFailure"] != nil }
      let failure = try #require(try await cluster.app("/crash")["lastTaskFailure"])
      #expect(failure["message"] == "Command exited with status 3")
      #expect(failure["state"] == "TASK_FAILED")
      let id = try #require(failure["taskId"]?.stringValue)
      #expect(try await cluster.file(id, "stderr") == "no\n")
      // No deployment is left although nothing runs, as with Marathon.
      #expect(try await cluster.app("/crash")["deployments"] == [])
      try await cluster.wait("the queue shows it waiting") {
        try await cluster.ask(.get, "/v2/queue").json["queue"]?[0]?["app"]?["id"] == "/crash"
      }
      try await cluster.wait("it has been tried again") {
        try await cluster.app("/crash")["lastTaskFailure"]?["taskId"]?.stringValue != id
      }
    }
  }

  @Test func artifactsAreInTheSandboxBeforeTheCommandRuns() async throws {
    let source = ClusterHarness.temporaryFolder()
    defer { Files.remove(source) }
    try Files.replace("\(source)/plain.txt", with: Array("plain".utf8))
    try Files.replace("\(source)/tool.sh", with: Array("#!/bin/sh\necho tool\n".utf8))
    try Files.createFolder("\(source)/inner")
    try Files.replace("\(source)/inner/packed.txt", with: Array("packed".utf8))
    let tar = try await Program.run("tar", ["-czf", "\(source)/a.tgz", "-C", source, "inner"])
    #expect(tar == .exited(0))
    try await FileServer.with(["/b.txt": Array("over http".utf8)]) { url in
      try await ClusterHarness.with { cluster in
        _ = try await cluster.ask(
          .post, "/v2/apps",
          [
            "id": "/files", "cpus": 0.1, "mem": 16,
            "cmd": "cat plain.txt inner/packed.txt b.txt sub/c.txt; ./tool.sh; exec sleep 1000",
            "fetch": [
              ["uri": .string("file://\(source)/plain.txt")], ["uri": .string("\(source)/a.tgz")],
              ["uri": .string("\(source)/tool.sh"), "executable": true], ["uri": .string("\(url)/b.txt")],
              ["uri": .string("\(url)/b.txt"), "destPath": "sub/c.txt"],
            ],
          ])
        try await cluster.waitUntilDeployed("/files")
        let id = try #require(try await cluster.tasks("/files").first?["id"]?.stringValue)
        try await cluster.wait("all is read") {
          try await cluster.file(id, "stdout") == "plainpackedover httpover httptool\n"
        }
        _ = try await cluster.ask(
          .post, "/v2/apps",
          ["id": "/lost", "cmd": "sleep 1000", "cpus": 0.1, "mem": 16, "uris": [.string("\(url)/none.txt")]])
        try await cluster.wait("the missing one is told") {
          let message = try await cluster.app("/lost")["lastTaskFailure"]?["message"]?.stringValue
          return message == "Failed to fetch '\(url)/none.txt': the server answered 404"
        }
      }
    }
  }

  @Test func anImageWithoutACommandFailsWithASentence() async throws {
    try await ClusterHarness.with { cluster in
      _ = try await cluster.ask(
        .post, "/v2/apps",
        [
          "id": "/image", "cpus": 0.1, "mem": 16,
          "container": ["type": "DOCKER", "docker": ["image": "nginx:1"]],
        ])
      try await cluster.wait("it has failed") {
        let message = try await cluster.app("/image")["lastTaskFailure"]?["message"]?.stringValue ?? ""
        return message.contains("makes no containers") && message.contains("nginx:1")
      }
    }
  }
}
