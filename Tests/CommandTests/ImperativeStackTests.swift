import Glibc
import JSON
import Processes
import Testing

/// Stacks whose runs are a function, through the real program, on the embedded cluster.
struct ImperativeStackTests {
  @Test func theExampleReplacesItsColor() async throws {
    try await LocalServer.with { server in
      let client = server.client
      let added = try await client("add", try repositoryFile("stacks/blue-green"))
      #expect(added.output == "Stack added\n", "\(added)")
      let shown = try await client("show", "blue-green").output
      #expect(shown.contains("run:\n  function: stack.lua:23"), "\(shown)")
      #expect(shown.contains("  instances:\n    type: integer\n    default: 2\n"), "\(shown)")

      let refused = try await client("run", "blue-green", "--var", "instances=hunter2")
      #expect(refused.status == .exited(1), "\(refused)")
      #expect(
        refused.output.contains("variable version has no value: give it a text with --var version=VALUE"), "\(refused)")
      #expect(refused.output.contains("variable instances must be a whole number from 1 to 10"), "\(refused)")
      #expect(!refused.output.contains("hunter2"), "\(refused)")

      for (number, color) in [(1, "green"), (2, "blue")] {
        let run = try await client("run", "blue-green", "--var", "version=\(number)", "--var", "instances=1")
        #expect(run.status == .exited(0), "\(run)")
        #expect(run.error.contains("blue-green  run  calls marathon.deploy /blue-green-\(color)"), "\(run)")
        #expect(try await client("logs", "\(number)").output.contains("version \(number) is \(color)"))
      }
      #expect(try await client("events", "2").output.contains("destroyed"))
      let again = try await client("run", "blue-green", "--var", "version=2")
      #expect(again.status == .exited(0), "\(again)")
      let broken = try await client("run", "blue-green", "--var", "version=broken", "--var", "instances=1")
      #expect(broken.status == .exited(1), "\(broken)")
      #expect(
        broken.output.contains("ERROR running client request: blue-green: run: "), "\(broken)")
      #expect(broken.output.contains("wait_healthy: not healthy after 15s"), "\(broken)")
      #expect(!"\(broken)".contains("hook"), "\(broken)")

      let status = try await client("status", "4").output
      #expect(status.contains("└─ ✘ blue-green           run: "), "\(status)")
      #expect(status.contains("   └─ ✔ /blue-green-blue  destroyed  "), "\(status)")
      let json = try JSON(parsing: try await client("status", "2", "-o", "json").output)
      #expect(json["applications"]?.arrayValue?.count == 1)
      #expect(json["applications"]?[0]?["id"] == "blue-green")
      #expect(json["applications"]?[0]?["operation"] == "run")
      #expect(json["applications"]?[0]?["steps"] == ["run"])
      let called = json["applications"]?[0]?["called"]
      #expect(called?.arrayValue?.map { $0["id"] } == ["/blue-green-blue", "/blue-green-green"], "\(json)")
      #expect(called?[0]?["instances"] == ["wanted": 1, "running": 1, "healthy": 1], "\(json)")
      let tree = try await client("status", "2").output
      #expect(
        tree.contains("   ├─ ✔ /blue-green-blue   created, 1 of 1 instance healthy  ")
          && tree.contains("   └─ ✔ /blue-green-green  destroyed  "), "\(tree)")

      let down = try await client("down", "blue-green")
      #expect(down.status == .exited(0), "\(down)")
      #expect(down.error.contains("/blue-green-green  destroy  destroyed"), "\(down)")
      #expect(!down.error.contains("blue-green-blue"), "\(down)")
    }
  }

  /// A Lua parent with functions, a child and a layer that are YAML, and the other way round.
  @Test func functionsAreInheritedOverYAML() async throws {
    try await LocalServer.with { server in
      let (folder, client) = (server.folder, server.client)
      try #require(mkdir(folder.file("base"), 0o755) == 0)
      try #require(mkdir(folder.file("base/lib"), 0o755) == 0)
      try folder.write("return { greeting = \"from the parent\" }\n", to: "base/lib/words.lua")
      try folder.write(
        """
        local words = require "lib.words"
        local s = stack("base", { vars = { name = var.string { default = "nobody" } } })
        s:app("web", {
          type = "service", id = "inherits", cpu = 0.1, mem = 16, launch_command = "sleep 1000",
          after_scheduler = function(ctx) log.info(words.greeting, ctx.run.stack, ctx.run.zone, vars.get("name")) end,
        })
        return s
        """, to: "base/stack.lua")
      try folder.write(
        "name: child\nfrom: base\nvars: { name: { default: child } }\napplications: { web: { env: { A: '${name}' } } }\n",
        to: "child.yaml")
      try folder.write("name: zone\napplications: { web: { env: { Z: '${zone}' } } }\n", to: "zone.yaml")
      try folder.write(
        """
        local s = stack("grandchild", { from = "child" })
        s:app("web", { after_tasks = function(ctx) log.info("from the grandchild", ctx.hook) end })
        return s
        """, to: "grandchild.lua")
      #expect(try await client("add", "base").output == "Stack added\n")
      #expect(try await client("add", "--file", "child.yaml").output == "Stack added\n")
      #expect(try await client("addlayer", "--level", "zone", "--file", "zone.yaml").output == "Stack added\n")
      #expect(try await client("add", "--file", "grandchild.lua").output == "Stack added\n")

      let run = try await client("run", "grandchild", "--zone", "zone", "--var", "name=Ada")
      #expect(run.status == .exited(0), "\(run)")
      let logs = try await client("logs", "1").output
      #expect(logs.contains("from the parent grandchild zone Ada"), "\(logs)")
      #expect(logs.contains("from the grandchild after_tasks"), "\(logs)")
      #expect(try await client("down", "grandchild", "--zone", "zone").status == .exited(0))
      let child = try await client("run", "child")
      #expect(child.status == .exited(0), "\(child)")
      #expect(try await client("logs", "3").output.contains("from the parent child nil child"))
      #expect(try await client("down", "child").status == .exited(0))
    }
  }

  @Test func whileItWaitsItSaysForWhat() async throws {
    try await LocalServer.with { server in
      let client = server.client
      try server.folder.write(
        """
        return stack("careful", { run = function(ctx)
          shell.run("echo from the shell")
          local by = approval("go live").by
          log.info("approved by", by)
        end })
        """, to: "careful.lua")
      #expect(try await client("add", "careful.lua").output == "Stack added\n")
      let run = try client.start(["run", "careful"], output: "run")
      #expect(
        try await eventually {
          try await client("status", "1").output.contains("└─ ● careful  run: waits for the approval go live")
        })
      // What a command has written is kept while the run goes on.
      let written = try await client("logs", "1").output
      #expect(written.contains("==> careful run/1/call-1-") && written.contains("from the shell"), "\(written)")
      #expect(try await client("approve", "1", "go live").status == .exited(0))
      #expect(await run.exitStatus() == .exited(0))
      let logs = try await client("logs", "1").output
      #expect(logs.contains("approved by"), "\(logs)")
      #expect(!logs.contains("hook"), "\(logs)")
    }
  }
}
