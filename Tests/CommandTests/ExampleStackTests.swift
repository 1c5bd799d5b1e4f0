import JSON
import Processes
import Testing

/// The stacks in `stacks/` that are Lua, as their comments say that they are used.
struct ExampleStackTests {
  private func add(_ name: String, to client: Program) async throws {
    let added = try await client("add", try repositoryFile("stacks/\(name)"))
    try #require(added.output == "Stack added\n", "\(added)")
  }

  private func expectRun(
    _ client: Program, _ arguments: String..., at: SourceLocation = #_sourceLocation
  ) async throws {
    let run = try await client.call(["run"] + arguments)
    #expect(run.status == .exited(0), "\(run)", sourceLocation: at)
  }

  @Test func aCanaryThatIsNotHealthyKeepsTheFormerVersion() async throws {
    try await LocalServer.with { server in
      let client = server.client
      try await add("canary", to: client)
      for version in ["1", "2"] { try await expectRun(client, "canary", "--var", "version=\(version)") }
      #expect(try await client("events", "2").output.contains("version 2 was good enough"))
      let broken = try await client("run", "canary", "--var", "version=broken")
      #expect(broken.status == .exited(1), "\(broken)")
      #expect(broken.output.contains("wait_healthy: not healthy after 8s"), "\(broken)")
      #expect(broken.output.contains("500"), "\(broken)")
      // Neither a canary is left, nor anything of the new version.
      let status = try JSON(parsing: try await client("status", "2", "-o", "json").output)
      let endpoint = try #require(status["applications"]?.arrayValue?.first?["endpoint"]?.stringValue)
      #expect(try await client.shell("curl -s \(endpoint)").output == "version 2\n")
      let down = try await client("down", "canary")
      #expect(down.status == .exited(0), "\(down)")
      #expect(!down.error.contains("canary-web-canary"), "\(down)")
    }
  }

  @Test func workersComeUpBesideEachOtherAndOneIsTriedAgain() async throws {
    try await LocalServer.with { server in
      let client = server.client
      try await add("fan-out", to: client)
      let many = try await client("run", "fan-out", "--var", "workers=100")
      #expect((many.output + many.error).contains("workers"), "\(many)")
      #expect(many.status == .exited(1), "\(many)")
      try await expectRun(client, "fan-out", "--var", "workers=3", "--var", "flaky=2")
      let events = try await client("events", "1").output
      #expect(events.contains("worker 1 is up at attempt 1"), "\(events)")
      #expect(events.contains("worker 2 is up at attempt 2"), "\(events)")
      #expect(events.contains("3 workers are up"), "\(events)")
      try await expectRun(client, "fan-out", "--prune", "--var", "workers=1")
      let down = try await client("down", "fan-out")
      #expect(down.error.contains("/fan-out/worker-1  destroy  destroyed"), "\(down)")
      #expect(!down.error.contains("/fan-out/worker-2"), "\(down)")
    }
  }

  @Test func aReleaseWaitsUntilSomebodyApproves() async throws {
    try await LocalServer.with { server in
      let client = server.client
      try await add("release", to: client)
      let run = try client.start(["run", "release", "--var", "version=1"], output: "run")
      #expect(
        try await eventually { try await client("status", "1").output.contains("waits for the approval production") })
      #expect(try await client("approve", "1", "production").status == .exited(0))
      #expect(await run.exitStatus() == .exited(0), "\(server.folder.read("run"))")
      #expect(try await client("events", "1").output.contains("version 1 was approved by admin"))
      let down = try await client("down", "release")
      #expect(down.error.contains("/release/production  destroy  destroyed"), "\(down)")
      #expect(!down.error.contains("/release/staging"), "\(down)")
    }
  }
}
