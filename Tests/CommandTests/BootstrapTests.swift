import Glibc
import HTTPServer
import HTTPTypes
import JSON
import Processes
import Testing

/// `server --bootstrap`: a stack that runs before the server serves, through the real program on the embedded cluster.
struct BootstrapTests {
  /// Its hook leaves a line and waits until somebody lets it go on.
  private static func stack(command: String = "sleep 1000", hook: String = "echo ran >> hook.log; \(gate)") -> String {
    """
    name: boot
    applications:
      web:
        type: service
        id: web
        cpu: 0.1
        mem: 16
        launch_command: \(command)
        before_scheduler:
          - \(hook)

    """
  }

  private static let gate = "until [ -e let-go ]; do sleep 0.02; done"

  private func runs(_ server: LocalServer) async throws -> [String] {
    let result = try await server.client("runs", "-o", "json")
    let runs = try JSON(parsing: result.output)["runs"]?.arrayValue ?? []
    return runs.map { run in
      "\(run["id"]?.intValue ?? 0) \(run["stack"]?.stringValue ?? "") \(run["state"]?.stringValue ?? "") "
        + "\(run["createdBy"]?.stringValue ?? "")"
    }
  }

  @Test func nothingIsServedUntilItIsUpAndItIsNotRunTwice() async throws {
    try await LocalServer.with(["--bootstrap", "boot.yaml"]) { server in
      let folder = server.folder
      try folder.write(Self.stack(), to: "boot.yaml")
      try server.start()
      try await server.waitUntilItListens()
      let client = server.client
      #expect(try await client("ping").status == .exited(0))
      for arguments in [["list"], ["runs"], ["run", "boot"], ["status", "2"], ["adduser", "--name", "u"]] {
        let refused = try await client.call(arguments)
        #expect(refused.status == .exited(1), "\(refused)")
        let text = refused.output + refused.error
        #expect(text.contains("the server serves as soon as run 1 has brought its bootstrap stack up"), "\(refused)")
      }
      let waits = try await eventually {
        let refused = try await client("list")
        return (refused.output + refused.error).contains("up: web: hook before_scheduler runs; stack-deploy status 1")
      }
      #expect(waits)
      let status = try await client("status", "1")
      #expect(status.status == .exited(0) && status.output.contains("before_scheduler"), "\(status)")
      #expect(try await client("events", "1").output.contains("accepted from bootstrap"))
      var stranger = client
      stranger.environment["SD_KEY"] = "wrong"
      let unknown = try await stranger("list")
      #expect(!(unknown.output + unknown.error).contains("run 1"), "\(unknown)")

      try folder.write("", to: "let-go")
      try await server.waitUntilItServes()
      #expect(try await client("list").output.contains("boot"))
      #expect(try await runs(server) == ["1 boot succeeded bootstrap"])
      for text in ["stored the bootstrap stack", "runs the bootstrap stack", "web: done", "the bootstrap stack is up"] {
        #expect(server.logLines(with: text).count == 1, "\(text)")
      }

      // With the same contents it has been run.
      #expect(try await server.stop() == .exited(0))
      try server.start()
      try await server.waitUntilItServes()
      #expect(try await runs(server) == ["1 boot succeeded bootstrap"])
      #expect(server.logLines(with: "the bootstrap stack has been run with the same contents").count == 1)

      // A file that has changed is a new revision, and runs.
      #expect(try await server.stop() == .exited(0))
      try folder.write(Self.stack(command: "sleep 2000"), to: "boot.yaml")
      try server.start()
      try await server.waitUntilItServes()
      #expect(try await runs(server) == ["2 boot succeeded bootstrap", "1 boot succeeded bootstrap"])
      #expect(try await client("show", "boot", "--source").output.contains("sleep 2000"))
      #expect(folder.read("hook.log") == "ran\nran\n")
      let taken = try await client("adduser", "--name", "bootstrap")
      #expect((taken.output + taken.error).contains("no user can be called 'bootstrap'"), "\(taken)")
    }
  }

  @Test func aKilledServersRunGoesOnWithTheNextOne() async throws {
    try await LocalServer.with(["--bootstrap", "boot.yaml"]) { server in
      let folder = server.folder
      try folder.write(Self.stack(), to: "boot.yaml")
      for round in 0..<3 {
        try server.start()
        try await server.waitUntilItListens()
        #expect(try await eventually { folder.read("hook.log") == "ran\n" })
        if round < 2 { try await server.kill() }
      }
      #expect(server.logLines(with: "goes on with the run that a former server has begun").count == 2)
      try folder.write("", to: "let-go")
      try await server.waitUntilItServes()
      #expect(try await runs(server) == ["1 boot succeeded bootstrap"])
      #expect(folder.read("hook.log") == "ran\n")
    }
  }

  @Test func aFileThatHasChangedMeanwhileTakesTheFormerRunsPlace() async throws {
    try await LocalServer.with(["--bootstrap", "boot.yaml"]) { server in
      let folder = server.folder
      try folder.write(Self.stack(), to: "boot.yaml")
      try server.start()
      try await server.waitUntilItListens()
      #expect(try await eventually { folder.read("hook.log") == "ran\n" })
      // A stop in order leaves the run to the next server, too.
      #expect(try await server.stop() == .exited(0))
      try folder.write(Self.stack(hook: "echo new >> hook.log"), to: "boot.yaml")
      try server.start()
      try await server.waitUntilItServes()
      #expect(try await runs(server) == ["2 boot succeeded bootstrap", "1 boot cancelled bootstrap"])
      #expect(folder.read("hook.log") == "ran\nnew\n")
    }
  }

  @Test func aRunThatFailsEndsTheServerAndIsTriedAgain() async throws {
    try await LocalServer.with(["--bootstrap", "boot.yaml"]) { server in
      let folder = server.folder
      try folder.write(Self.stack(hook: "echo no db; exit 3"), to: "boot.yaml")
      try server.start()
      #expect(try await server.end() == .exited(3))
      let error = folder.read("server.err")
      #expect(error.contains("the bootstrap stack boot is not up: run 1 has failed: web: hook before_scheduler "))
      #expect(error.hasSuffix("\n  | no db\n"))
      #expect(access(folder.file("data/server.json"), F_OK) != 0)
      try folder.write(Self.stack(hook: "echo ran >> hook.log"), to: "boot.yaml")
      try server.start()
      try await server.waitUntilItServes()
      #expect(try await runs(server) == ["2 boot succeeded bootstrap", "1 boot failed bootstrap"])
    }
  }

  /// With the folder's files; its script leaves behind what nobody can tell of.
  @Test func aBlockedRunWaitsForADecision() async throws {
    let stranger = HTTPServer { _ in
      // Never answers while the first server lives.
      try? await Task.sleep(for: .seconds(60))
      return HTTPResponse()
    }
    try stranger.start()
    let grants = ["--script.grant", "default", "--script.grant", "http:127.0.0.1:\(stranger.port)"]
    try await LocalServer.with(["--bootstrap", "boot"] + grants) { server in
      let folder = server.folder
      for path in ["boot", "boot/hooks", "boot/lib"] { try #require(mkdir(folder.file(path), 0o755) == 0) }
      try folder.write(Self.stack(hook: "lua_file: hooks/tell.lua"), to: "boot/stack.yaml")
      try folder.write("require(\"lib.tell\")(\"http://127.0.0.1:\(stranger.port)/\")\n", to: "boot/hooks/tell.lua")
      try folder.write("return function(url) http.post(url, { json = { up = true } }) end\n", to: "boot/lib/tell.lua")
      try server.start()
      try await server.waitUntilItListens()
      let client = server.client
      let posts = try await eventually { try await client("status", "1").output.contains("http.post") }
      #expect(posts)
      try await server.kill()
      try server.start()
      try await server.waitUntilItListens()
      let isBlocked = try await eventually {
        let refused = try await client("list")
        return (refused.output + refused.error).contains(
          "it is blocked (nobody can tell whether call 1, http.post")
      }
      #expect(isBlocked)
      #expect(server.logLines(with: "the bootstrap stack waits for a decision").count == 1)
      #expect(try await client("resume", "1", "--skip-step").status == .exited(0))
      try await server.waitUntilItServes()
      #expect(try await runs(server) == ["1 boot succeeded bootstrap"])
    }
    await stranger.stop()
  }

  /// A folder whose stack is Lua, and another file of it that changes.
  @Test func aLuaStackIsRunFirst() async throws {
    try await LocalServer.with(["--bootstrap", "boot"]) { server in
      let folder = server.folder
      for path in ["boot", "boot/lib"] { try #require(mkdir(folder.file(path), 0o755) == 0) }
      try folder.write(
        """
        local said = require("lib.said")
        local s = stack("lua-boot")
        s:app("web", {
          type = "service", id = "web", cpu = 0.1, mem = 16, launch_command = "sleep 1000",
          before_scheduler = { "echo shell >> hook.log", function(ctx) log.info(said, ctx.run.stack) end },
        })
        return s

        """, to: "boot/stack.lua")
      for (number, word) in ["first", "first", "second"].enumerated() {
        try folder.write("return \"\(word)\"\n", to: "boot/lib/said.lua")
        try server.start()
        try await server.waitUntilItServes()
        let newest = word == "first" ? 1 : 2
        #expect(try await runs(server).first == "\(newest) lua-boot succeeded bootstrap", "start \(number + 1)")
        #expect(try await server.client("logs", "\(newest)").output.contains("\(word) lua-boot"))
        #expect(try await server.stop() == .exited(0))
      }
      try folder.write("return stack(\n", to: "boot/stack.lua")
      try server.start()
      #expect(try await server.end() == .exited(2))
      #expect(folder.read("server.err").contains("boot/stack.lua:"))
    }
  }

  @Test(arguments: [
    ("a: b: c", "boot.yaml:1"), ("applications: {}", "has no name"),
    ("name: boot\napplications:\n  web:\n    type: service\n    id: web\n    cpu: -1\n", "boot.yaml:6:10: error"),
    ("name: boot\nfrom: nope\napplications: {}", "Parent stack nope does not exist"),
    (
      "name: boot\napplications:\n  web:\n    type: service\n    id: web\n    cpu: 0.1\n    mem: 16\n    dependencies: [db]\n",
      "stack boot cannot be run"
    ),
  ])
  func aStackThatCannotBeRunEndsWithTwo(source: String, text: String) async throws {
    let folder = try Folder()
    try folder.write(source, to: "boot.yaml")
    try await ServerProcess.withSilentMarathon { marathon in
      let result = try await Program(in: folder).call([
        "server", "--api", "127.0.0.1:0", "--data-dir", "data", "--admin-key-file", "key", "--marathon", marathon,
        "--bootstrap", "boot.yaml",
      ])
      #expect(result.status == .exited(2), "\(result)")
      #expect(result.error.contains("the bootstrap stack boot.yaml"), "\(result)")
      #expect(result.error.contains(text), "\(result)")
      #expect(access(folder.file("data/server.json"), F_OK) != 0)
    }
  }

  @Test func withoutAClusterNothingIsStored() async throws {
    let folder = try Folder()
    try folder.write(Self.stack(), to: "boot.yaml")
    let result = try await Program(in: folder)(
      "server", "--api", "127.0.0.1:0", "--data-dir", "data", "--marathon", "http://127.0.0.1:1", "--connect.retries",
      "2", "--connect.backoff", "50ms", "--bootstrap", "boot.yaml")
    #expect(result.status == .exited(1), "\(result)")
    #expect(result.error.contains("cannot reach Marathon at http://127.0.0.1:1 (tried 2 times)"), "\(result)")
    #expect(!result.error.contains("bootstrap"), "\(result)")
  }
}
