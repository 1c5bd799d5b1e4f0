import Glibc
import JSON
import Processes
import Testing

/// Names, files and ends that nobody thinks of first.
struct HardUseTests {
  @Test func filesThatCannotBeReadSayWhy() async throws {
    let program = Program(in: try Folder())
    let huge = try await program.shell(
      "head -c 20000000 /dev/zero > huge.yaml; stack-deploy add --file huge.yaml; mkdir empty; stack-deploy add --file empty"
    )
    #expect(huge.output == "Can't read file huge.yaml\nCan't read file empty\n", "\(huge)")
    #expect(huge.error == "huge.yaml: larger than 16 MiB\nempty: a folder without stack.lua and stack.yaml\n")
    let closed = try await program.shell("stack-deploy add --file - <&-")
    #expect(closed.output == "Can't read file -\n", "\(closed)")
    #expect(closed.status == .exited(1))
  }

  @Test func secretsAreNotShown() async throws {
    var program = Program(in: try Folder())
    program.environment["SD_USER"] = "ann"
    program.environment["SD_KEY"] = "sesame"
    for arguments in [["status", "--debug"], ["list", "--debug"], ["run", "x", "--debug"]] {
      let result = try await program.call(arguments + ["--api", "127.0.0.1:1"])
      #expect(result.error.contains("as ann"), "\(result)")
      #expect(!"\(result)".contains("sesame"), "\(result)")
    }
    let address = try await program("list", "--debug", "--api", "http://ann:sesame@127.0.0.1:1")
    #expect(!(address.output + address.error).contains("sesame"), "\(address)")
    program.environment["SD_KEY"] = "sesame\n"
    let broken = try await program("list")
    #expect(broken.output.contains("holds a line end") && !broken.output.contains("sesame"), "\(broken)")
  }

  @Test func withoutAServerEveryCommandEndsAtOnce() async throws {
    let program = Program(in: try Folder())
    try program.folder.write("name: x\n", to: "x.yaml")
    for command in [
      "ping", "list", "show x", "show x --source", "remove x", "run x", "down x", "runs", "status", "status 1",
      "events 1", "events 1 -f", "logs 1", "logs 1 -f", "cancel 1", "resume 1 --skip-step", "scheduled",
      "scheduled --remove 1", "adduser --name x", "refreshtoken --name x", "add --file x.yaml",
      "addlayer --file x.yaml",
    ] {
      let result = try await program.shell("stack-deploy \(command) --api 127.0.0.1:1", within: .seconds(15))
      #expect(result.status == .exited(1), "\(result)")
      #expect((result.output + result.error).contains("no server answers at http://127.0.0.1:1"), "\(result)")
    }
  }

  /// A stack whose name and application are as odd as they may be, from standard input to the end of its log.
  @Test func oddNamesGoAllTheWay() async throws {
    try await LocalServer.with { server in
      let client = server.client
      try server.folder.write(
        #"""
        name: "a b/c日本?#%2e"
        applications:
          odd: { type: service, id: odd, cpu: 0.1, mem: 4, launch_command: "while :; do echo hello; sleep 0.2; done" }

        """#, to: "odd.yaml")
      let added = try await client.shell("stack-deploy add --file - < odd.yaml")
      #expect(added.output == "Stack added\n", "\(added)")
      let name = "a b/c日本?#%2e"
      #expect(try await client("list").output == "\(name)\n")
      #expect(try await client("show", name, "--source").output == server.folder.read("odd.yaml"))
      #expect(try await client("run", name).status == .exited(0))
      #expect(try await client("runs", "--stack", name).output.contains(name))
      for command in [["runs"], ["status"]] {
        let json = try JSON(parsing: try await client.call(command + ["-o", "json"]).output)
        #expect(json["run"]?["stack"]?.stringValue ?? json["runs"]?[0]?["stack"]?.stringValue == name)
      }
      for line in try await client("events", "1", "-o", "json").output.split(separator: "\n") {
        #expect(try JSON(parsing: String(line))["run"]?.intValue == 1)
      }

      // The reader leaves in the middle of a stream.
      let left = try await client.shell("stack-deploy logs 1 -f | head -1; echo ${PIPESTATUS[0]}", within: .seconds(20))
      #expect(left.output.hasPrefix("==> odd."), "\(left)")

      // A server that stops is told from a log that is over: it is waited for.
      let logs = try client.start(["logs", "1", "-f"], output: "logs")
      #expect(try await eventually { server.folder.read("logs.out").contains("hello") })
      #expect(try await server.stop() == .exited(0))
      #expect(try await eventually { server.folder.read("logs.err").contains("; trying again\n") })
      #expect(logs.currentExitStatus == nil)
      logs.signal(SIGKILL)
      _ = await logs.exitStatus()
    }
  }
}
