import Glibc
import Processes
import Testing

/// What the author is told of each way in which a script may fail: the file and line, what was called, and why. Through the real program
/// and real workers, on the embedded cluster.
struct ScriptFailureTests {
  /// A hook that fails, and what has to be said of it.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var hook: String
    /// A file that the hook requires by a name that it makes up, so that nobody reads it before.
    var module = ""
    /// `file:line`.
    var place: String
    /// The function of the host, where one was called.
    var called = ""
    var reason: String
    /// Where the script was on its way there.
    var way: [String]

    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "a module that is no Lua", hook: "log.info('begins')\nrequire('lib.' .. 'module')\n",
      module: "local names = {}\nlocal x = = 1\n", place: "hooks/fails.lua:2: lib/module.lua:2",
      reason: "unexpected symbol near '='", way: ["hooks/fails.lua:2: in main chunk"]),
    Case(
      name: "a runtime error",
      hook: "local function port(app)\n  return app.endpoint.port\nend\nlog.info('begins')\nport(ctx.app)\n",
      place: "hooks/fails.lua:2", reason: "attempt to index a ",
      way: ["hooks/fails.lua:2: in ", "hooks/fails.lua:5: in main chunk"]),
    Case(
      name: "an error of the script's own", hook: "log.info('begins')\n\nfail('no such topic')\n",
      place: "hooks/fails.lua:3", reason: "no such topic",
      way: ["hooks/fails.lua:3: in main chunk"]),
    Case(
      name: "a wrong argument", hook: "log.info('begins')\nwait_healthy(ctx.app, { timeout = 10 })\n",
      place: "hooks/fails.lua:2", called: "wait_healthy",
      reason: "argument 2 (options).timeout must be a duration such as \"10m\" or \"1m30s\", is a number",
      way: ["hooks/fails.lua:2: in main chunk"]),
    Case(
      name: "a denied call",
      hook:
        "log.info('begins')\nlocal spec = { id = 'theirs', cmd = 'sleep 1', cpus = 0.1, mem = 16 }\nmarathon.deploy(spec)\n",
      place: "hooks/fails.lua:3", called: "marathon.deploy",
      reason: "marathon.deploy:/theirs is not among the grants of the stack",
      way: ["hooks/fails.lua:3: in main chunk"]),
    Case(
      name: "too much CPU time",
      hook: "local function spin()\n  while true do end\nend\nlog.info('begins')\nspin()\n",
      place: "hooks/fails.lua:2", reason: "over the CPU budget of 2s",
      way: ["hooks/fails.lua:2: in ", "hooks/fails.lua:5: in main chunk"]),
    Case(
      name: "too much memory",
      hook: "log.info('begins')\nlocal all = {}\nfor i = 1, 1e6 do\n  all[i] = ('x'):rep(1 << 20) .. i\nend\n",
      place: "hooks/fails.lua:4", reason: "over the memory budget of 64 MiB",
      way: ["hooks/fails.lua:4: in main chunk"]),
  ]

  private func lay(_ folder: Folder, _ hook: String, module: String = "") throws {
    for path in ["s", "s/hooks", "s/lib"] { try #require(mkdir(folder.file(path), 0o755) == 0) }
    try folder.write(
      """
      name: s
      grants: ["marathon:/mine/*", shell]
      applications:
        web:
          type: service
          id: web
          cpu: 0.1
          mem: 16
          launch_command: sleep 1000
          after_scheduler:
            - echo before
            - lua_file: hooks/fails.lua

      """, to: "s/stack.yaml")
    try folder.write(hook, to: "s/hooks/fails.lua")
    try folder.write(module, to: "s/lib/module.lua")
  }

  @Test(arguments: cases) func theRunSaysWhereAndWhy(_ failing: Case) async throws {
    try await LocalServer.with { server in
      let client = server.client
      try lay(server.folder, failing.hook, module: failing.module)
      let added = try await client("add", "s")
      #expect(added.output == "Stack added\n", "\(added)")
      // Two seconds of CPU time are many more where others work, too.
      let run = try await client("run", "s", within: .seconds(120))
      #expect(run.status == .exited(1), "\(run)")
      let called = failing.called.isEmpty ? "" : "\(failing.called): "
      let sentence = "hook after_scheduler/2: \(failing.place): \(called)\(failing.reason)"
      #expect(run.output.contains("ERROR running client request: web: \(sentence)"), "\(run)")
      let status = try await client("status", "1").output
      for shown in [run.error, status] {
        // What it has logged, and the way to the place.
        #expect(shown.contains("  | begins\n"), "\(run)\n\(status)")
        for place in failing.way { #expect(shown.contains("  |   \(place)"), "\(shown)") }
      }
      #expect(status.contains("web, after_scheduler/2: \(sentence)"), "\(status)")
      if failing.reason.contains("grants") {
        let events = try await client("events", "1").output
        #expect(events.contains("\(failing.called) /theirs"), "\(events)")
      }
    }
  }

  /// A file that a hook names is read when it is added: no run ever meets it.
  @Test func aFileThatIsNoLuaIsNotStored() async throws {
    try await LocalServer.with { server in
      let client = server.client
      try lay(server.folder, "log.info('begins')\nlocal x = = 1\n")
      let added = try await client("add", "s")
      #expect(added.status == .exited(1), "\(added)")
      #expect(
        (added.output + added.error).contains("s/hooks/fails.lua:2:1: error: unexpected symbol near '='"), "\(added)")
      #expect(try await client("show", "s").status == .exited(1))
    }
  }

  @Test func aWorkerThatDiesFailsItsHook() async throws {
    try await LocalServer.with { server in
      let (folder, client) = (server.folder, server.client)
      // It ends when the test wants it to.
      let wait = "until [ -e \(folder.path)/go ]; do sleep 0.05; done"
      try lay(folder, "log.info('begins')\nshell.run(\"\(wait)\")\nlog.info('never said')\n")
      #expect(try await client("add", "s").output == "Stack added\n")
      let run = try client.start(["run", "s"], output: "run")
      #expect(
        try await eventually {
          try await client("status", "1").output.contains("after_scheduler/2 waits for shell.run")
        })
      let worker = try #require(workers(of: server.pid).first)
      #expect(kill(worker, SIGKILL) == 0)
      try folder.write("", to: "go")
      #expect(await run.exitStatus() == .exited(1))
      let shown = folder.read("run.out")
      // The line, too, where it is known.
      #expect(shown.contains("web: hook after_scheduler/2: "), "\(shown)")
      #expect(shown.contains("hooks/fails.lua") && shown.contains("was killed"), "\(shown)")
      let status = try await client("status", "1").output
      #expect(status.contains("hooks/fails.lua") && status.contains("was killed"), "\(status)")
      #expect(status.contains("  | begins\n"), "\(status)")
      #expect(!(try await client("events", "1").output.contains("never said")))
    }
  }

  /// Processes that run scripts for this server.
  private func workers(of server: Int32) throws -> [Int32] {
    Folder.names(in: "/proc").compactMap(Int32.init).filter { pid in
      // `PID (NAME) STATE PARENT …`
      guard let bytes = try? Folder.contents(of: "/proc/\(pid)/stat") else { return false }
      let text = String(decoding: bytes, as: UTF8.self)
      guard text.contains("(script-worker)"), let end = text.lastIndex(of: ")") else { return false }
      return text[end...].split(separator: " ").dropFirst(2).first.flatMap { Int32($0) } == server
    }
  }
}
