import Glibc
import Processes
import Testing

/// Hooks that a zone gives to the stacks that run in it, through the real program, on the embedded cluster.
struct LayerHookTests {
  /// A zone that is Lua: a hook of its own file, one of a file that it requires, and one that is a file.
  private func layZone(_ folder: Folder) throws {
    for path in ["east", "east/lib", "east/hooks"] { try #require(mkdir(folder.file(path), 0o755) == 0) }
    try folder.write(
      """
      local zone = require "lib.zone"
      local s = stack("east")
      local called = 0
      s:app("web", {
        env = { ZONE = zone.name },
        before_scheduler = { "echo shell of the zone", function(ctx)
          called = called + 1
          vars.set("color", zone.name .. " " .. called)
        end },
        after_scheduler = { zone.greet, { lua_file = "hooks/up.lua" } },
        after_tasks = function(ctx) log.info("the zone's own word") end,
      })
      return s

      """, to: "east/stack.lua")
    try folder.write(
      """
      local zone = { name = "zone-east" }
      function zone.greet(ctx)
        log.info(zone.name, "greets", ctx.run.stack, "in", ctx.run.zone, ctx.hook, ctx.app.id, vars.get("color"))
      end
      return zone

      """, to: "east/lib/zone.lua")
    try folder.write("log.info(require('lib.zone').name, 'is up')\n", to: "east/hooks/up.lua")
  }

  /// Files of the same names as the zone's: each hook has those of who wrote it.
  private func layStacks(_ folder: Folder) throws {
    for path in ["lua", "lua/lib", "yaml", "yaml/lib"] { try #require(mkdir(folder.file(path), 0o755) == 0) }
    for stack in ["lua", "yaml"] {
      try folder.write("return { name = 'stack-\(stack)' }\n", to: "\(stack)/lib/zone.lua")
    }
    try folder.write(
      """
      local own = require "lib.zone"
      local s = stack("lua")
      s:app("web", {
        type = "service", id = "web-lua", cpu = 0.1, mem = 16, launch_command = "sleep 1000",
        after_tasks = function(ctx) log.info("the word of", own.name, ctx.run.zone) end,
      })
      return s

      """, to: "lua/stack.lua")
    try folder.write(
      """
      name: yaml
      applications:
        web:
          type: service
          id: web-yaml
          cpu: 0.1
          mem: 16
          launch_command: sleep 1000
          after_tasks:
            - lua: log.info("the word of", require("lib.zone").name, ctx.run.zone)

      """, to: "yaml/stack.yaml")
  }

  @Test func functionsOfAZoneRunInStacksOfEitherKind() async throws {
    try await LocalServer.with { server in
      let (folder, client) = (server.folder, server.client)
      try layZone(folder)
      try layStacks(folder)
      let added = try await client("addlayer", "--level", "zone", "east")
      #expect(added.output == "Stack added\n" && added.error.isEmpty, "\(added)")
      for (number, stack) in [(1, "lua"), (5, "yaml")] {
        #expect(try await client("add", stack).output == "Stack added\n")
        let run = try await client("run", stack, "--zone", "east")
        #expect(run.status == .exited(0), "\(run)")
        let logs = try await client("logs", "\(number)").output
        #expect(logs.contains("shell of the zone"), "\(logs)")
        // From the file that the zone requires, with what the zone's own function has set.
        #expect(
          logs.contains("zone-east greets \(stack) in east after_scheduler /web-\(stack) zone-east 1"), "\(logs)")
        #expect(logs.contains("zone-east is up"), "\(logs)")
        // The stack has the last word.
        #expect(logs.contains("the word of stack-\(stack) east"), "\(logs)")
        #expect(!logs.contains("the zone's own word"), "\(logs)")
        #expect(try await client("down", stack, "--zone", "east").status == .exited(0))
        // Without the zone, none of it.
        let alone = try await client("run", stack)
        #expect(alone.status == .exited(0), "\(alone)")
        #expect(!alone.error.contains("after_scheduler"), "\(alone)")
        #expect(try await client("down", stack).status == .exited(0))
      }
    }
  }

  /// A failure in a file that a layer requires has the place there; a run that has begun keeps the zone's files.
  @Test func aZonesFunctionThatFailsSaysWhere() async throws {
    try await LocalServer.with { server in
      let (folder, client) = (server.folder, server.client)
      try layZone(folder)
      try layStacks(folder)
      try folder.write(
        """
        local zone = { name = "zone-east" }
        function zone.greet(ctx)
          approval("go on")
          error("the zone is closed")
        end
        return zone

        """, to: "east/lib/zone.lua")
      #expect(try await client("addlayer", "--level", "zone", "east").output == "Stack added\n")
      #expect(try await client("add", "yaml").output == "Stack added\n")
      let run = try client.start(["run", "yaml", "--zone", "east"], output: "run")
      #expect(
        try await eventually {
          try await client("status", "1").output.contains("after_scheduler/1 waits for the approval go on")
        })
      // The zone gets better meanwhile, for the runs after this one.
      try folder.write("return { name = 'zone-east', greet = function() end }\n", to: "east/lib/zone.lua")
      let replaced = try await client("addlayer", "--level", "zone", "--replace", "east")
      #expect(replaced.output == "Stack added\n", "\(replaced)")
      #expect(try await client("approve", "1", "go on").status == .exited(0))
      #expect(await run.exitStatus() == .exited(1))
      let status = try await client("status", "1").output
      #expect(
        status.contains("web-yaml, after_scheduler/1: hook after_scheduler/1: lib/zone.lua:4: the zone is closed"),
        "\(status)")
      let next = try await client("run", "yaml", "--zone", "east")
      #expect(next.status == .exited(0), "\(next)")
    }
  }
}
