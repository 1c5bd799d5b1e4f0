import Glibc
import JSON
import Processes
import Testing

/// Stacks that are Lua, through the real program, on the embedded cluster.
struct LuaStackTests {
  private func lay(_ folder: Folder) throws {
    for path in ["web", "web/lib", "web/hooks"] { try #require(mkdir(folder.file(path), 0o755) == 0) }
    try folder.write(
      """
      local names = require "lib.names"
      local s = stack("lua-web")
      local db = s:app("db", { type = "service", id = "db", cpu = 0.1, mem = 16, launch_command = "sleep 1000" })
      local started = 0
      s:app("web", {
        type = "service", id = names.web, cpu = 0.1, mem = 16, launch_command = "sleep 1000",
        env = { DATABASE = db.out.host },
        before_scheduler = { "echo shell", function(ctx)
          started = started + 1
          vars.set("color", "green " .. started)
        end },
        after_scheduler = { function(ctx) log.info(ctx.app.id, vars.get("color"), hash.sha1("x")) end, { lua_file = "hooks/up.lua" } },
      })
      return s

      """, to: "web/stack.lua")
    try folder.write(
      "-- what it is called\nreturn { web = require('lib.prefix') .. \"-web\" }\n", to: "web/lib/names.lua")
    try folder.write("return \"lua\"\n", to: "web/lib/prefix.lua")
    try folder.write("log.info(\"up\", ctx.hook)\n", to: "web/hooks/up.lua")
    try folder.write("x", to: "web/notes.txt")
  }

  private func paths(_ listed: CommandResult) -> [String] {
    listed.output.split(separator: "\n").dropFirst().map { String($0.prefix { $0 != " " }) }
  }

  @Test func aFolderIsAddedAndItsFunctionsRun() async throws {
    try await LocalServer.with { server in
      let (folder, client) = (server.folder, server.client)
      try lay(folder)
      let added = try await client("add", "web")
      #expect(added.output == "Stack added\n", "\(added)")
      #expect(
        try await paths(client("show", "lua-web", "--files")) == [
          "hooks/up.lua", "lib/names.lua", "lib/prefix.lua", "notes.txt", "stack.lua",
        ])
      let shown = try await client("show", "lua-web")
      #expect(shown.output.contains("function: stack.lua:8"), "\(shown)")
      #expect(shown.output.contains("dependencies:\n    - db"), "\(shown)")
      #expect(try await client("show", "lua-web", "--source").output == folder.read("web/stack.lua"))

      let run = try await client("run", "lua-web")
      #expect(run.status == .exited(0), "\(run)")
      let logs = try await client("logs", "1").output
      #expect(logs.contains("/lua-web green 1 11f6ad8ec52a2984abaafd7c3b516503785c2072"), "\(logs)")
      #expect(logs.contains("up after_scheduler"), "\(logs)")
      #expect(try await client("down", "lua-web").status == .exited(0))
    }
  }

  @Test func theExampleGreets() async throws {
    try await LocalServer.with { server in
      let client = server.client
      let added = try await client("add", try repositoryFile("stacks/pair"))
      #expect(added.output == "Stack added\n", "\(added)")
      for (number, name, options) in [(1, "Ada", []), (2, "Grace", ["--var", "name=Grace"])] {
        let run = try await client.call(["run", "pair"] + options)
        #expect(run.status == .exited(0), "\(run)")
        #expect(try await client("logs", "\(number)").output.contains("it says: Hello, \(name)!"))
      }
      #expect(try await client("down", "pair").status == .exited(0))
    }
  }

  @Test func aFileComesWithWhatItRequires() async throws {
    try await LocalServer.with { server in
      let (folder, client) = (server.folder, server.client)
      try lay(folder)
      #expect(try await client("add", "--file", "web/stack.lua").output == "Stack added\n")
      #expect(
        try await paths(client("show", "lua-web", "--files")) == [
          "hooks/up.lua", "lib/names.lua", "lib/prefix.lua", "stack.lua",
        ])
      #expect(try await client("add", "--replace", "web/stack.lua").output == "Stack added\n")
      try folder.write("local s = stack('l') s:app('db', { mem = 32 }) return s", to: "layer.lua")
      #expect(try await client("addlayer", "--level", "zone", "layer.lua").output == "Stack added\n")
    }
  }

  /// What the stack has itself comes first.
  @Test func stacksRequireFromTheLibrary() async throws {
    let library = try Folder()
    try #require(mkdir(library.file("team"), 0o755) == 0)
    try library.write("return { owner = 'the team' }", to: "team/names.lua")
    try library.write("return 'of the library'", to: "own.lua")
    try await LocalServer.with(["--script.library", library.path]) { server in
      try server.start()
      try await server.waitUntilItServes()
      let (folder, client) = (server.folder, server.client)
      try #require(mkdir(folder.file("s"), 0o755) == 0)
      try folder.write("return 'of the stack'", to: "s/own.lua")
      try folder.write(
        """
        local names, own = require "team.names", require "own"
        return stack("s", { run = function() log.info(names.owner, own) end })

        """, to: "s/stack.lua")
      let added = try await client("add", "s")
      #expect(added.output == "Stack added\n", "\(added)")
      #expect(try await paths(client("show", "s", "--files")) == ["own.lua", "stack.lua", "team/names.lua"])
      #expect(try await client("run", "s").status == .exited(0))
      #expect(try await client("logs", "1").output.contains("the team of the stack"))
      // A hook in YAML has it, too; a stack without scripts does not.
      let fields = "type: service, id: a, cpu: 0.1, mem: 16, launch_command: sleep 1000"
      for (name, hook) in [("hooked", ", before_scheduler: [{ lua: require('own') }]"), ("plain", "")] {
        try folder.write("name: \(name)\napplications: { a: { \(fields)\(hook) } }\n", to: "\(name).yaml")
        #expect(try await client("add", "--file", "\(name).yaml").output == "Stack added\n")
      }
      #expect(try await paths(client("show", "hooked", "--files")) == ["own.lua", "team/names.lua"])
      #expect(try await paths(client("show", "plain", "--files")).isEmpty)
    }
  }

  @Test func mistakesHaveTheirPlaces() async throws {
    try await LocalServer.with { server in
      let (folder, client) = (server.folder, server.client)
      try folder.write("local s = stack('a')\ns:app('b', { version = 1,\n cpus = 2 })\nreturn s", to: "a.lua")
      let wrong = try await client("add", "a.lua")
      #expect(wrong.status == .exited(1))
      #expect(
        wrong.output.contains(
          "a.lua:2:1: error: applications.b.version: expected a text, found the number 1 (write \"1\")"),
        "\(wrong)")
      try folder.write("return stack('a', { form = 'x' })", to: "a.lua")
      let odd = try await client("add", "a.lua")
      #expect(odd.output == "Stack added\n")
      #expect(odd.error == "a.lua:1:1: warning: form: unknown field, ignored (did you mean \"from\"?)\n")
      #expect(try await client("add", "--strict", "--replace", "a.lua").status == .exited(1))
      #expect(try await client("add", "--file", "a.lua", "a.lua").status == .exited(2))
      try #require(mkdir(folder.file("empty"), 0o755) == 0)
      let empty = try await client("add", "empty")
      #expect(empty.status == .exited(1))
      #expect(empty.error.contains("empty: a folder without stack.lua and stack.yaml"), "\(empty)")
    }
  }

  /// `STACK_DEPLOY_LUA_CHECKER` names a program that checks Lua by the annotations, such as emmylua_check.
  @Test(.enabled(if: getenv("STACK_DEPLOY_LUA_CHECKER") != nil), arguments: ["lua", "stacks", "lua stacks"])
  func theAnnotationsHold(folders: String) async throws {
    let checker = String(cString: try #require(getenv("STACK_DEPLOY_LUA_CHECKER")))
    let root = try repositoryFile("lua").dropLast("/lua".count)
    let found = try await Program(in: try Folder()).shell("cd '\(root)' && \(checker) --warnings-as-errors \(folders)")
    #expect(found.status == .exited(0), "\(found)")
  }

  /// The settings of the examples are those that are written beside an author's own scripts, but for where the annotations lie.
  @Test func editorsFindTheAnnotationsOfTheExamples() throws {
    var settings = try #require(try JSON(parsing: repositoryText("lua/.luarc.json")).objectValue)
    settings["workspace.library"] = ["../lua/types"]
    #expect(try JSON(parsing: repositoryText("stacks/.luarc.json")) == .object(settings))
    _ = try repositoryFile("lua/types/stack.lua")
  }

  private func repositoryText(_ name: String) throws -> String {
    String(decoding: try Folder.contents(of: repositoryFile(name)), as: UTF8.self)
  }
}
