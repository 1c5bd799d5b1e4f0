import Glibc
import JSON
import Processes
import Testing

/// Hooks that are Lua, through the real program, on the embedded cluster.
struct ScriptedHookTests {
  @Test func hooksRunLuaWithTheFilesOfTheirStack() async throws {
    try await LocalServer.with { server in
      let (folder, client) = (server.folder, server.client)
      for path in ["web", "web/hooks", "web/lib"] { try #require(mkdir(folder.file(path), 0o755) == 0) }
      try folder.write(
        """
        name: scripted
        applications:
          web:
            type: service
            id: web
            cpu: 0.1
            mem: 16
            launch_command: sleep 1000
            before_scheduler:
              - lua: vars.set("color", "green")
              - echo "the shell sees ${color}"
            after_scheduler:
              - lua_file: hooks/canary.lua
            after_tasks:
              - echo done
              - lua: |
                  local function port(app)
                    return app.endpoint.port
                  end
                  log.info("asks for the port")
                  port(ctx.app)

        """, to: "web/stack.yaml")
      try folder.write(
        """
        local names = require("lib.names")
        local canary = marathon.deploy {
          id = names.canary(ctx.app.id), cmd = "sleep 1000", cpus = 0.1, mem = 16, instances = 1,
        }
        wait_healthy(canary, { timeout = "1m" })
        vars.set("canary", canary.id)
        log.info(canary, "is up")

        """, to: "web/hooks/canary.lua")
      try folder.write(
        "local names = {}\nfunction names.canary(id) return id .. \"-canary\" end\nreturn names\n",
        to: "web/lib/names.lua")
      // Beside what hooks name, what these need.
      #expect(
        try await client("add", "--file", "web/stack.yaml", "--with", "web/lib").output == "Stack added\n")
      #expect(try await client("show", "scripted", "--files").output.contains("hooks/canary.lua"))

      let run = try await client("run", "scripted")
      #expect(run.status == .exited(1), "\(run)")
      #expect(run.error.contains("web  after_scheduler  calls marathon.deploy /web-canary"), "\(run)")
      // With the line of the stack's file, and the way there.
      let failure = "web: hook after_tasks/2: web/stack.yaml:18: attempt to index a "
      #expect(run.output.contains("ERROR running client request: \(failure)"), "\(run)")
      #expect(run.error.contains("  | asks for the port\n"), "\(run)")
      #expect(run.error.contains("  |   web/stack.yaml:18: in "), "\(run)")

      let logs = try await client("logs", "1")
      #expect(logs.output.contains("the shell sees green"), "\(logs)")
      #expect(logs.output.contains("is up"), "\(logs)")
      let down = try await client("down", "scripted")
      #expect(down.error.contains("/web-canary  destroy  destroyed"), "\(down)")
    }
  }

  @Test func aScriptWaitsForAnApproval() async throws {
    try await LocalServer.with { server in
      let client = server.client
      try server.folder.write(
        """
        name: careful
        applications:
          web:
            type: service
            id: web
            cpu: 0.1
            mem: 16
            launch_command: sleep 1000
            after_scheduler:
              - lua: log.info("approved by", approval("go live").by)

        """, to: "careful.yaml")
      try #require(try await client("add", "--file", "careful.yaml").status == .exited(0))
      let run = try client.start(["run", "careful"], output: "run")
      #expect(
        try await eventually {
          try await client("status", "1").output.contains("hook after_scheduler waits for the approval go live")
        })
      let wrong = try await client("approve", "1", "go home")
      #expect(wrong.status == .exited(1))
      #expect(wrong.error.contains("it waits for go live"), "\(wrong)")
      let approved = try await client("approve", "1", "go live")
      #expect(approved.output == "Run 1 goes on\n", "\(approved)")
      #expect(await run.exitStatus() == .exited(0))
      #expect(try await client("events", "1").output.contains("approved by admin"))
    }
  }

  /// The time of a real worker, whose start alone takes longer.
  @Test func runningAScriptAgainHasABudget() async throws {
    try await LocalServer.with(["--script.replays", "1ms"]) { server in
      try server.start()
      try await server.waitUntilItServes()
      let client = server.client
      try server.folder.write(
        """
        name: again
        applications:
          web:
            type: service
            id: web
            cpu: 0.1
            mem: 16
            launch_command: sleep 1000
            after_scheduler:
              - lua: |
                  for i = 1, 1e6 do end
                  approval("go live")
                  log.info("never said")

        """, to: "again.yaml")
      try #require(try await client("add", "--file", "again.yaml").status == .exited(0))
      let run = try client.start(["run", "again"], output: "run")
      #expect(
        try await eventually { try await client("status", "1").output.contains("waits for the approval go live") })
      #expect(try await client("approve", "1", "go live").status == .exited(0))
      #expect(await run.exitStatus() == .exited(1))
      let status = try await client("status", "1").output
      #expect(status.contains("again.yaml:13: log.info: over the budget of 1ms of CPU time for running"), "\(status)")
      #expect(!(try await client("events", "1").output.contains("never said")))
    }
  }

  /// In the data folder, from run to run, and as long as the stack is there.
  @Test func hooksKeepDocuments() async throws {
    try await LocalServer.with { server in
      let (folder, client) = (server.folder, server.client)
      let stack = """
        name: counted
        applications:
          web:
            type: service
            id: web
            cpu: 0.1
            mem: 16
            launch_command: sleep 1000
            after_scheduler:
              - lua: |
                  local state = cassandra.get("web/state") or { runs = 0, tags = json.array {} }
                  state.runs = state.runs + 1
                  cassandra.put("web/state", state)
                  cassandra.put("web/last", { id = ctx.run.id, ["Größe"] = 1.5 }, { ttl = "24h" })
                  cassandra.put("passing", true)
                  assert(cassandra.delete("passing") and not cassandra.delete("passing"))
                  log.info("runs:", cassandra.get("web/state").runs, table.concat(cassandra.list("web/"), " "), #cassandra.list())
                  log.info(json.encode(cassandra.get("web/state")), json.encode(cassandra.get("web/last")))
                  local ok, e = pcall(cassandra.put, "", 1)
                  log.info(e.code, e.message)

        """
      try folder.write(stack, to: "stack.yaml")
      #expect(try await client("add", "--file", "stack.yaml").output == "Stack added\n")
      for number in 1...2 {
        let run = try await client("run", "counted")
        #expect(run.status == .exited(0), "\(run)")
        let logs = try await client("logs", "\(number)")
        #expect(logs.output.contains("runs: \(number) web/last web/state 2"), "\(logs)")
        #expect(logs.output.contains("{\"runs\":\(number),\"tags\":[]}"), "\(logs)")
        #expect(logs.output.contains("\"id\":\"\(number)\"") && logs.output.contains("\"Größe\":1.5"), "\(logs)")
        #expect(logs.output.contains("invalid_argument argument 1 (key) must not be empty"), "\(logs)")
      }
      #expect(try await client("down", "counted").status == .exited(0))
      #expect(try await client("remove", "counted").status == .exited(0))
      #expect(try await client("add", "--file", "stack.yaml").output == "Stack added\n")
      let run = try await client("run", "counted")
      #expect(run.status == .exited(0), "\(run)")
      #expect(try await client("logs", "4").output.contains("runs: 1 web/last web/state 2"))
    }
  }

  @Test func aFileThatAHookNamesHasToBeThere() async throws {
    try await LocalServer.with { server in
      let client = server.client
      try server.folder.write(
        "name: s\napplications:\n  web:\n    after_tasks:\n      - lua_file: hooks/x.lua\n", to: "s.yaml")
      let added = try await client("add", "--file", "s.yaml")
      #expect(added.status == .exited(1))
      #expect(added.output.contains("hooks/x.lua: No such file"), "\(added)")
      let posted = try await client.shell(
        "jq -Rs '{stackfile: .}' s.yaml | curl -s -u admin:$SD_KEY --data-binary @- $SD_API/createstack")
      #expect(posted.output.contains("the file \"hooks/x.lua\" did not come with the stack"), "\(posted)")
    }
  }
}
