import Glibc
import JSON
import Processes
import Testing

/// Runs on the embedded cluster, through the real program.
struct RunTests {
  @Test func theQuickstartStackGoesUpConvergesAndComesDown() async throws {
    try await LocalServer.with { server in
      let client = server.client
      let stack = try repositoryFile("stacks/quickstart.yaml")
      try #require(try await client("add", "--file", stack).status == .exited(0))
      let up = try await client("run", "quickstart", "--var", "greeting=Hello")
      #expect(up.status == .exited(0), "\(up)")
      #expect(up.output.hasPrefix("Running stack quickstart\nDone in "))
      #expect(up.output.split(separator: "\n").count == 2)
      #expect(up.error.contains("quickstart-web  launch  created"))

      let status = try JSON(parsing: try await client("status", "-o", "json").output)
      let applications = try #require(status["applications"]?.arrayValue)
      #expect(applications.map { $0["change"]?.stringValue } == ["created", "created", "created"])
      #expect(applications.allSatisfy { $0["endpoint"]?.stringValue?.hasPrefix("http://127.0.0.") == true })

      let again = try await client("run", "quickstart", "--var", "greeting=Hello")
      #expect(again.status == .exited(0), "\(again)")
      let second = try JSON(parsing: try await client("status", "2", "-o", "json").output)
      #expect(second["applications"]?.arrayValue?.allSatisfy { $0["change"]?.stringValue == "unchanged" } == true)

      let logs = try await client("logs", "1", "quickstart-store", "--stderr")
      #expect(logs.output.contains("listening on 127.0.0."), "\(logs)")

      let down = try await client("down", "quickstart")
      #expect(down.output == "Stack quickstart is down\n", "\(down)")
      let lines = down.error.split(separator: "\n").map(String.init)
      let ends = ["/quickstart-web", "/quickstart-api", "/quickstart-store"].map { id in
        lines.firstIndex { $0.hasSuffix("\(id)  done") } ?? -1
      }
      #expect(ends == ends.sorted() && !ends.contains(-1), "dependents first: \(down)")

      let cluster = try #require(server.clusterProcess)
      #expect(try await server.stop() == .exited(0))
      #expect(kill(cluster, 0) == -1, "the cluster ends with a clean stop of its server")
    }
  }

  /// SIGKILL in a hook, in a launch and in a wait: the run ends well, and nothing was done twice.
  @Test func aKilledServerGoesOnAndRepeatsNothing() async throws {
    try await LocalServer.with { server in
      try server.folder.write(
        """
        name: killed
        applications:
          first:
            type: service
            id: k-first
            cpu: 0.1
            mem: 16
            before_scheduler:
              - echo begun >> \(server.folder.file("hooks")); sleep 1.5; echo over >> \(server.folder.file("hooks"))
            launch_command: echo first >> \(server.folder.file("launches")); sleep 1.5; touch up; sleep 1000
            healthcheck: { protocol: COMMAND, command: "test -e up", interval: 100ms, grace: 60s }
            after_scheduler:
              - echo after >> \(server.folder.file("hooks"))
          second:
            type: service
            id: k-second
            cpu: 0.1
            mem: 16
            dependencies: [k-first]
            launch_command: echo second >> \(server.folder.file("launches")); sleep 1000

        """, to: "killed.yaml")
      let client = server.client
      try #require(try await client("add", "--file", "killed.yaml").status == .exited(0))
      let run = try client.start(["run", "killed"], output: "run")

      #expect(try await eventually { server.folder.read("hooks").contains("begun") })
      try await server.killAndRestart()
      // At the launch: as soon as the hook is over.
      #expect(try await eventually { server.folder.read("hooks").contains("over") })
      try await server.killAndRestart()
      #expect(try await eventually { server.folder.read("launches").contains("first") })
      try await server.killAndRestart()

      #expect(await run.exitStatus() == .exited(0), "\(server.folder.read("run.out"))\(server.folder.read("run.err"))")
      #expect(server.folder.read("run.out").hasPrefix("Running stack killed\nDone in "))
      #expect(server.folder.read("hooks") == "begun\nover\nafter\n")
      #expect(server.folder.read("launches") == "first\nsecond\n")
      #expect(try await server.state(ofRun: 1) == "succeeded")
    }
  }

  /// Killed in a hook and in a task: `logs -f` shows each line once, `events -f` each event.
  @Test func whoFollowsGoesOnWithTheNextServer() async throws {
    try await LocalServer.with { server in
      let folder = server.folder
      func wait(for file: String) -> String { "until test -e \(folder.file(file)); do sleep 0.05; done" }
      try folder.write(
        """
        name: talk
        applications:
          talk:
            type: service
            id: talk
            cpu: 0.1
            mem: 16
            before_scheduler:
              - echo one; \(wait(for: "go")); echo two
            launch_command: echo three; \(wait(for: "say")); echo four; touch up; sleep 1000
            healthcheck: { protocol: COMMAND, command: "test -e up", interval: 100ms, grace: 60s }

        """, to: "talk.yaml")
      let client = server.client
      try #require(try await client("add", "--file", "talk.yaml").status == .exited(0))
      let run = try client.start(["run", "talk"], output: "run")
      #expect(try await eventually { try await client("status", "1").status == .exited(0) })
      let logs = try client.start(["logs", "1", "-f"], output: "logs")
      let events = try client.start(["events", "1", "-f"], output: "events")
      #expect(try await eventually { folder.read("logs.out").contains("one") })
      #expect(try await eventually { folder.read("events.out").contains("before_scheduler") })

      try await server.killAndRestart()
      try folder.write("", to: "go")
      #expect(try await eventually { folder.read("logs.out").contains("three") })
      try await server.killAndRestart()
      try folder.write("", to: "say")
      #expect(await run.exitStatus() == .exited(0), "\(folder.read("run.out"))\(folder.read("run.err"))")
      #expect(await events.exitStatus() == .exited(0))
      let followed = folder.read("events.out").split(separator: "\n")
      for line in try await client("events", "1").output.split(separator: "\n") {
        // Passing notes come as well, and may say what a journaled reason for waiting says, in the same second.
        let isReason = line.contains("  healthy  ") && !line.hasSuffix("begins") && !line.hasSuffix("done")
        let count = followed.count { $0 == line }
        #expect(isReason ? count >= 1 : count == 1, "\(line)")
      }
      #expect(try await eventually { folder.read("logs.out").contains("four") })
      logs.signal(SIGKILL)
      _ = await logs.exitStatus()
      let lines = folder.read("logs.out").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      try #require(lines.count == 8, "\(lines)")
      #expect(Array(lines[..<4]) == ["==> talk hook before_scheduler/1 stdout <==", "one", "two", ""])
      #expect(lines[4].hasPrefix("==> talk.") && lines[4].hasSuffix(" stdout <=="))
      #expect(Array(lines[5...]) == ["three", "four", ""])
      #expect(folder.read("logs.err").contains("; trying again\nconnected again\n"), "\(folder.read("logs.err"))")
    }
  }

  @Test func aRunThatCannotGoOnSaysWhy() async throws {
    try await LocalServer.with { server in
      try server.folder.write(
        """
        name: waits
        applications:
          big: { type: service, id: big, cpu: 64, mem: 16, launch_command: sleep 1000 }
          unique:
            type: service
            id: unique
            cpu: 0.1
            mem: 16
            instances: 5
            constraints: [[hostname, UNIQUE]]
            launch_command: sleep 1000
          sick:
            type: service
            id: sick
            cpu: 0.1
            mem: 16
            launch_command: sleep 1000
            healthcheck: { protocol: COMMAND, command: exit 3, interval: 100ms, grace: 100ms, failures: 0 }
          dependent: { type: service, id: dependent, cpu: 0.1, mem: 16, dependencies: [sick], launch_command: sleep 1000 }

        """, to: "waits.yaml")
      let client = server.client
      try #require(try await client("add", "--file", "waits.yaml").status == .exited(0))
      let run = try client.start(["run", "waits"], output: "run")
      let sentences = [
        "no agent with enough cpus: 3 of 3 offers have less than 64",
        "constraint (hostname UNIQUE) used up", "fails the health check: Command exited with status 3",
        "waits for sick",
      ]
      var shown = ""
      let isAllShown = try await eventually {
        shown = try await client("status").output
        return sentences.allSatisfy(shown.contains)
      }
      #expect(isAllShown, "\(shown)")
      let causes = try JSON(parsing: try await client("status", "-o", "json").output)["applications"]?.arrayValue?
        .map { $0["waiting"]?["cause"]?.stringValue ?? "" }
      #expect(causes == ["offers", "offers", "health_check", "dependencies"])

      let refused = try await client("run", "waits", "--lock.wait", "0s")
      #expect(refused.status == .exited(1))
      #expect(refused.output.contains("stack waits is held by run 1 of admin"), "\(refused)")

      #expect(try await client("cancel", "1").status == .exited(0))
      #expect(await run.exitStatus() == .exited(1))
      #expect(try await server.state(ofRun: 1) == "cancelled")
      for sentence in sentences.dropLast() {
        #expect(server.folder.read("run.err").contains(sentence), "\(server.folder.read("run.err"))")
      }
    }
  }

  @Test func interruptingLeavesTheRunRunning() async throws {
    try await LocalServer.with { server in
      try server.folder.write(
        "name: slow\napplications:\n  a: { type: service, id: a, cpu: 0.1, mem: 16, "
          + "before_scheduler: [sleep 2], launch_command: sleep 1000 }\n", to: "slow.yaml")
      let client = server.client
      try #require(try await client("add", "--file", "slow.yaml").status == .exited(0))
      let run = try client.start(["run", "slow"], output: "run")
      #expect(try await eventually { server.folder.read("run.err").contains("before_scheduler") })
      run.signal(SIGINT)
      #expect(await run.exitStatus() == .exited(130))
      #expect(server.folder.read("run.err").contains("stack-deploy status 1"))
      #expect(server.folder.read("run.out") == "Running stack slow\n")
      #expect(try await eventually { try await server.state(ofRun: 1) == "succeeded" })
      let followed = try await client("events", "1", "-f")
      #expect(followed.output.contains("succeeded\n"))
    }
  }

  /// As a shell starts what it runs in its background: a Ctrl-C at the terminal is not meant for it.
  @Test func aServerThatWasStartedWithInterruptsIgnoredGoesOnIgnoringThem() async throws {
    let folder = try Folder()
    let program = Program(in: folder)
    let line =
      "trap '' INT; exec \"$0\" server --dev --api 127.0.0.1:0 --marathon http://127.0.0.1:1 --connect.backoff 60s"
    let server = try program.start(
      ["-c", line, try HelperLocation.find("stack-deploy")], output: "server", executable: "/bin/sh")
    #expect(try await eventually { folder.read("server.err").contains("will try again") })
    server.signal(SIGINT)
    try await Task.sleep(for: .milliseconds(100))
    #expect(server.currentExitStatus == nil)
    server.signal(SIGTERM)
    #expect(await server.exitStatus() == .exited(0))
  }

  @Test func aFailureShowsStepReasonAndTheEndOfTheLog() async throws {
    try await LocalServer.with { server in
      try server.folder.write(
        "name: bad\napplications:\n  a: { type: service, id: a, cpu: 0.1, mem: 16, "
          + "before_scheduler: [echo out, echo the disk is missing >&2, exit 3], launch_command: sleep 1000 }\n",
        to: "bad.yaml")
      let client = server.client
      try #require(try await client("add", "--file", "bad.yaml").status == .exited(0))
      let run = try await client("run", "bad")
      #expect(run.status == .exited(1))
      #expect(run.output.contains("ERROR running client request: a: "), "\(run)")
      #expect(run.output.contains("exited with status 3"), "\(run)")
      #expect(run.error.contains("the disk is missing"), "\(run)")
      let status = try await client("status").output
      #expect(status.contains("before_scheduler") && status.contains("the disk is missing"), "\(status)")
    }
  }
}
