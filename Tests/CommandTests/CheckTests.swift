import Glibc
import Processes
import Testing

/// `check`: what is said of stacks without a server.
struct CheckTests {
  private let folder: Folder
  private let program: Program

  init() throws {
    folder = try Folder()
    var program = Program(in: folder)
    // Nobody answers there, and nobody is asked.
    program.environment["SD_API"] = "127.0.0.1:1"
    self.program = program
  }

  private let fields = "type: service, id: a, cpu: 0.1, mem: 16, launch_command: sleep 1000"

  private func make(_ folders: String...) throws {
    for path in folders { try #require(mkdir(folder.file(path), 0o755) == 0) }
  }

  private func yaml(_ name: String, _ further: String = "", hook: String = "") -> String {
    "name: \(name)\n\(further)applications:\n  a: { \(fields)\(hook) }\n"
  }

  @Test func allStacksOfTheRepositoryAreFine() async throws {
    let folder = try repositoryFile("stacks")
    // As a shell's `stacks/*` has them: the editors' settings are hidden.
    let paths = Folder.names(in: folder).filter { !$0.hasPrefix(".") }.map { "\(folder)/\($0)" }
    #expect(paths.count >= 6)
    let result = try await program.call(["check"] + paths)
    #expect(result.status == .exited(0), "\(result)")
    #expect(result.output == paths.map { "\($0): fine\n" }.joined())
    #expect(result.error.isEmpty, "\(result)")
  }

  @Test func mistakesAndOdditiesAreToldWithTheirPlaces() async throws {
    try folder.write(yaml("fine"), to: "fine.yaml")
    try folder.write("name: bad\napplications:\n  a: { id: a, cpu: -1, ports: 8080 }\n", to: "bad.yaml")
    try folder.write("name: odd\nform: x\n", to: "odd.yaml")
    try folder.write("name: [\n", to: "no.yaml")
    let result = try await program("check", "bad.yaml", "fine.yaml", "odd.yaml", "no.yaml")
    #expect(result.status == .exited(1), "\(result)")
    #expect(result.output == "fine.yaml: fine\n")
    for line in [
      "bad.yaml:3:20: error: applications.a.cpu: ", "bad.yaml:3:31: error: applications.a.ports: ",
      "odd.yaml:2:1: warning: form: unknown field, ignored (did you mean \"from\"?)\n", "no.yaml:2:1: error: ",
    ] { #expect(result.error.contains(line), "\(line) is missing: \(result)") }
    #expect(try await program("check", "fine.yaml").status == .exited(0))
    #expect(try await program("check", "odd.yaml").status == .exited(1))
  }

  @Test func standardInputIsAStack() async throws {
    try folder.write(yaml("fine"), to: "fine.yaml")
    let fine = try await program.shell("stack-deploy check - <fine.yaml")
    #expect(fine.status == .exited(0) && fine.output == "-: fine\n", "\(fine)")
    let odd = try await program.shell("echo 'nam: x' | stack-deploy check -")
    #expect(odd.status == .exited(1) && odd.error.contains("-:1:1: warning: "), "\(odd)")
  }

  @Test func whatCannotBeReadIsToldBesideTheOthers() async throws {
    try folder.write(yaml("fine"), to: "fine.yaml")
    try make("empty", "closed")
    try #require(symlink("nowhere", folder.file("closed/stack.yaml")) == 0)
    // Nobody may read the beginning of that, root neither.
    let result = try await program("check", "empty", "missing.yaml", "closed", "/proc/self/mem", "fine.yaml")
    #expect(result.status == .exited(1))
    #expect(result.output == "fine.yaml: fine\n")
    #expect(
      result.error
        == """
        empty: a folder without stack.lua and stack.yaml
        missing.yaml: No such file or directory
        closed/stack.yaml: No such file or directory
        /proc/self/mem: Input/output error

        """, "\(result)")
  }

  @Test func wrongUsage() async throws {
    #expect(try await program("check").status == .exited(2))
    #expect(try await program("check", "--strict", "x").status == .exited(2))
    #expect(try await program("check", "--script.library", "missing", "x").status == .exited(2))
  }

  @Test func stacksThatAreLuaAreDeclaredInTheSandbox() async throws {
    try make("web", "web/lib")
    try folder.write("return { id = 'web' }", to: "web/lib/names.lua")
    try folder.write(
      """
      local names = require "lib.names"
      local s = stack("web")
      s:app("web", { type = "service", id = names.id, cpu = 0.1, mem = 16, launch_command = "./web" })
      return s
      """, to: "web/stack.lua")
    try folder.write("local s = stack('a')\ns:app('b', { version = 1 })\nerror('no')\n", to: "raises.lua")
    try folder.write("local s = stack('a')\ns:app('b', { version = 1 })\nreturn s\n", to: "typed.lua")
    try folder.write("while true do end\n", to: "endless.lua")
    try folder.write("return stack(\n", to: "open.lua")
    try folder.write("return stack('a', { vars = { x = os.time() } })\n", to: "reaches.lua")
    let result = try await program(
      "check", "web", "raises.lua", "typed.lua", "endless.lua", "open.lua", "reaches.lua")
    #expect(result.status == .exited(1))
    #expect(result.output == "web: fine\n")
    for line in [
      "raises.lua:3:1: error: no\n",
      "typed.lua:2:1: error: applications.b.version: expected a text, found the number 1 (write \"1\")\n",
      "endless.lua:1:1: error: over the CPU budget of 2s\n", "open.lua:2:1: error: unexpected symbol near <eof>\n",
      "reaches.lua:1:1: error: 'os' is not available to scripts: scripts do not reach the system\n",
    ] { #expect(result.error.contains(line), "\(line) is missing: \(result)") }
  }

  @Test func hooksAreReadAndNotRun() async throws {
    try make("s", "s/hooks", "s/lib")
    try folder.write("while true do end\n", to: "s/hooks/up.lua")
    try folder.write("local x =\n", to: "s/hooks/open.lua")
    try folder.write("require('lib.inner')\n", to: "s/lib/outer.lua")
    try folder.write("\nmarathon.depoly {}\n", to: "s/lib/inner.lua")
    try folder.write(
      """
      name: s
      applications:
        a:
          { \(fields), before_scheduler: [{ lua_file: hooks/up.lua }, { lua_file: hooks/gone.lua }] }
        b:
          type: service
          id: b
          cpu: 0.1
          mem: 16
          launch_command: sleep 1000
          before_scheduler:
            - lua: |
                local x = 1
                x = = 2
            - lua_file: hooks/open.lua
            - lua: |
                require("lib.outer")
                require("lib.none")

      """, to: "s/stack.yaml")
    let gone = try await program("check", "s/stack.yaml", "--with", "s/lib")
    #expect(gone.status == .exited(1))
    #expect(gone.error == "s/stack.yaml: hooks/gone.lua: No such file or directory\n", "\(gone)")
    try folder.write("log.info('there')\n", to: "s/hooks/gone.lua")
    let result = try await program("check", "s", "--with", "s/lib")
    #expect(result.status == .exited(1) && result.output.isEmpty)
    #expect(
      result.error
        == """
        s/hooks/open.lua:2:1: error: unexpected symbol near <eof>
        s/lib/inner.lua:2:1: warning: marathon.depoly: there is no such function in this version (did you mean "marathon.deploy"?)
        s/stack.yaml:14:1: error: applications.b.before_scheduler[0].lua: unexpected symbol near '='
        s/stack.yaml:18:1: warning: applications.b.before_scheduler[2].lua: there is no module 'lib.none' (it would be the file lib/none.lua of the stack)

        """, "\(result)")
    let elsewhere = try await program("check", "s", "--with", "/etc/hostname")
    #expect(elsewhere.error.contains("/etc/hostname: it lies in the folder of none of the stacks\n"), "\(elsewhere)")
  }

  @Test func functionsThatThisVersionHasNotAreNamed() async throws {
    try folder.write(yaml("y", hook: ", before_scheduler: [{ lua: 'mesos.runOnce {}' }]"), to: "y.yaml")
    try folder.write("mesos.runOnce { id = 'x' }\nreturn stack('top')\n", to: "top.lua")
    try folder.write(
      """
      -- mesos.runOnce in a comment
      local text = "mesos.runOnce"
      local function own(mesos) return mesos.runOnce end
      return stack("run", { run = function(ctx)
        local mesos = { runOnce = print }
        mesos.runOnce(own(mesos), text)
      end })
      """, to: "local.lua")
    try folder.write("return stack('in', { run = function()\n  mesos.runOnce {}\nend })\n", to: "in.lua")
    let result = try await program("check", "y.yaml", "top.lua", "local.lua", "in.lua")
    #expect(result.status == .exited(1))
    #expect(result.output == "local.lua: fine\n")
    let sentence = "mesos.runOnce: there is no such function in this version\n"
    #expect(
      result.error
        == "y.yaml:3:1: warning: applications.a.before_scheduler[0].lua: \(sentence)"
        + "top.lua:1:1: error: \(sentence)in.lua:2:1: warning: \(sentence)", "\(result)")
  }

  @Test func parentsAreLookedUpAmongThoseThatAreChecked() async throws {
    try folder.write(yaml("base"), to: "base.yaml")
    try folder.write("name: child\nfrom: base\napplications:\n  b: { id: b, dependencies: [a, c] }\n", to: "child.yaml")
    let alone = try await program("check", "child.yaml")
    #expect(alone.status == .exited(0), "\(alone)")
    #expect(alone.output == "child.yaml: fine\n")
    #expect(
      alone.error
        == "child.yaml: the parent base is not among what is checked, so what is inherited is not looked at\n")
    let together = try await program("check", "child.yaml", "base.yaml")
    #expect(together.status == .exited(1), "\(together)")
    #expect(together.output == "base.yaml: fine\n")
    #expect(together.error.contains("child.yaml:4:33: warning: "), "\(together)")
    try folder.write("name: base\nfrom: child\n", to: "circle.yaml")
    let circle = try await program("check", "child.yaml", "circle.yaml")
    #expect(circle.status == .exited(1))
    #expect(
      circle.error.contains("child.yaml: error: stacks inherit from each other: child → base → child"), "\(circle)")
    let both = try await program("check", "child.yaml", "base.yaml", "circle.yaml")
    #expect(both.error.contains("child.yaml: the parent base is the name of 2 stacks that are checked"), "\(both)")
  }

  @Test func layersAreCheckedAsLayers() async throws {
    try folder.write("name: zone\napplications: { a: { dependencies: [elsewhere] } }\n", to: "zone.yaml")
    #expect(try await program("check", "zone.yaml").status == .exited(1))
    let layer = try await program("check", "--layer", "zone.yaml")
    #expect(layer.status == .exited(0) && layer.output == "zone.yaml: fine\n", "\(layer)")
    try folder.write("return stack('l', { run = function() end })", to: "l.lua")
    let function = try await program("check", "--layer", "l.lua")
    #expect(function.error.contains("a layer has no function"), "\(function)")
  }

  @Test func theLibraryIsTakenAsTheServerTakesIt() async throws {
    try make("library", "library/team")
    try folder.write("return 'x'", to: "library/team/names.lua")
    try folder.write(yaml("y", hook: ", before_scheduler: [{ lua: 'require(\"team.names\")' }]"), to: "y.yaml")
    let without = try await program("check", "y.yaml")
    #expect(without.status == .exited(1))
    #expect(without.error.contains("there is no module 'team.names'"), "\(without)")
    let with = try await program("check", "--script.library", "library", "y.yaml")
    #expect(with.status == .exited(0), "\(with)")
  }

  @Test func whereNothingRunsLuaOnlyThatIsNotChecked() async throws {
    try folder.write(yaml("fine"), to: "fine.yaml")
    try folder.write(yaml("y", hook: ", before_scheduler: [{ lua: 'fail()' }]"), to: "y.yaml")
    try folder.write("return stack('a')", to: "a.lua")
    var program = program
    program.environment["STACK_DEPLOY_HELPERS"] = folder.path
    let result = try await program("check", "fine.yaml", "y.yaml", "a.lua")
    #expect(result.status == .exited(1))
    #expect(result.output == "fine.yaml: fine\n")
    #expect(result.error.contains("a.lua: a stack that is Lua cannot be checked: cannot find the program"), "\(result)")
    #expect(result.error.contains("y.yaml: the scripts of its hooks cannot be checked: cannot find"), "\(result)")
  }

  @Test func addSaysTheSame() async throws {
    try folder.write("return stack('in', { run = function()\n  mesos.runOnce {}\nend })\n", to: "in.lua")
    try await LocalServer.with { server in
      let client = server.client
      try server.folder.write(folder.read("in.lua"), to: "in.lua")
      try server.folder.write("mesos.runOnce {}\nreturn stack('top')\n", to: "top.lua")
      try server.folder.write(
        yaml("y", hook: ", before_scheduler: [{ lua: 'mesos.runOnce {}' }, { lua: 'x = = 1' }]"), to: "y.yaml")
      let sentence = "mesos.runOnce: there is no such function in this version"
      let stored = try await client("add", "in.lua")
      #expect(stored.output == "Stack added\n" && stored.error == "in.lua:2:1: warning: \(sentence)\n", "\(stored)")
      let strict = try await client("add", "--strict", "--replace", "in.lua")
      #expect(strict.status == .exited(1) && strict.output.contains(sentence), "\(strict)")
      let top = try await client("add", "top.lua")
      #expect(top.status == .exited(1) && top.output.contains("top.lua:1:1: error: \(sentence)"), "\(top)")
      let hook = try await client("add", "--file", "y.yaml")
      #expect(hook.status == .exited(1), "\(hook)")
      #expect(hook.output.contains("y.yaml:3:1: warning: applications.a.before_scheduler[0].lua: \(sentence)"))
      #expect(
        hook.output.contains(
          "y.yaml:3:1: error: applications.a.before_scheduler[1].lua: unexpected symbol near '='"), "\(hook)")
      // A run says it as well, where it comes to it.
      let run = try await client("run", "in")
      #expect(run.status == .exited(1) && run.output.contains("in.lua:2: \(sentence)"), "\(run)")
    }
  }
}
