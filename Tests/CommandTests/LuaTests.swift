import Glibc
import Processes
import Testing

/// `lua run`: scripts at the command line, without a server.
struct LuaTests {
  private let folder: Folder
  private let program: Program

  init() throws {
    folder = try Folder()
    program = Program(in: folder)
  }

  @Test func whatItPrintsGoesToStandardOutput() async throws {
    try folder.write("#!/usr/bin/env lua\nprint(1, 'two', nil)\nprint(('x'):rep(3))\nreturn print", to: "a.lua")
    let result = try await program("lua", "run", "a.lua")
    #expect(result.status == .exited(0), "\(result)")
    #expect(result.output == "1\ttwo\tnil\nxxx\n")
    #expect(result.error.isEmpty)
  }

  @Test(arguments: [
    ("local x = \n", 1, "a.lua:2: unexpected symbol near <eof>\n"),
    (
      "local function f() error('gone') end\nf()", 1,
      "a.lua:1: gone\n  a.lua:1: in local 'f'\n  a.lua:2: in main chunk\n"
    ),
    (
      "os.exit(0)", 1,
      "a.lua:1: 'os' is not available to scripts: scripts do not reach the system\n  a.lua:1: in main chunk\n"
    ),
    ("while true do end", 3, "a.lua:1: over the CPU budget of 100ms\n  a.lua:1: in main chunk\n"),
    ("return ('x'):rep(1 << 30)", 3, "a.lua:1: over the memory budget of 8 MiB\n  a.lua:1: in main chunk\n"),
  ])
  func errorsNameFileAndLine(source: String, code: Int32, error: String) async throws {
    try folder.write(source, to: "a.lua")
    let result = try await program("lua", "run", "--cpu", "100ms", "--memory", "8", "a.lua")
    #expect(result.status == .exited(code), "\(result)")
    #expect(result.output.isEmpty)
    #expect(result.error == error)
  }

  @Test func theSeedDecidesTheNumbers() async throws {
    try folder.write("print(math.random(1 << 50))", to: "a.lua")
    let first = try await program("lua", "run", "a.lua", "--seed", "7")
    #expect(try await program("lua", "run", "a.lua", "--seed", "7").output == first.output)
    #expect(try await program("lua", "run", "a.lua").output != first.output)
  }

  @Test func functionsThatNeedNoRunAreThere() async throws {
    try folder.write(
      """
      log.warn("careful", { 1 }) print(hash.sha1("abc"), json.encode({ json.null }), #uuid(), time.now() > "2020")
      print((pcall(function() return vars.get("x") end)))
      time.sleep("10ms")
      fail("over")
      """, to: "a.lua")
    let result = try await program("lua", "run", "a.lua")
    #expect(result.status == .exited(1), "\(result)")
    #expect(
      result.output
        == "a9993e364706816aba3e25717850c26c9cd0d89d\t[null]\t36\ttrue\nfalse\n"
    )
    #expect(result.error == "warn: careful table\na.lua:4: over\n  a.lua:4: in main chunk\n")
  }

  @Test func modulesLieInAFolder() async throws {
    try folder.write("print(require('lib.util').x, pcall(require, 'lib.none'))", to: "a.lua")
    for path in ["m", "m/lib", "m/lib/.hidden"] { try #require(mkdir(folder.file(path), 0o777) == 0) }
    try folder.write("return { x = ... }", to: "m/lib/util.lua")
    try folder.write("never read", to: "m/lib/notes.txt")
    // A folder that contains itself.
    try #require(symlink("..", folder.file("m/lib/up")) == 0)
    let result = try await program("lua", "run", "a.lua", "--modules", "m")
    #expect(result.output == "lib.util\tfalse\tthere is no module 'lib.none'; there are: lib.util\n", "\(result)")
    let missing = try await program("lua", "run", "a.lua", "--modules", "none")
    #expect(missing.status == .exited(4))
    #expect(missing.error == "cannot read none: No such file or directory\n")
  }

  @Test func typesAreWrittenIntoAFolder() async throws {
    #expect(try await program("lua", "types", "types-of-host").status == .exited(0))
    for name in [".luarc.json", "types/types.lua", "types/json.lua", "types/vars.lua"] {
      #expect(access(folder.file("types-of-host/\(name)"), R_OK) == 0, "\(name)")
    }
    #expect(try await program("lua", "types", "types-of-host").status == .exited(0), "again")
    #expect(try await program("lua", "types").output.contains("function vars.get(name) end"))
    try folder.write("", to: "file")
    let failed = try await program("lua", "types", "file")
    #expect(failed.status == .exited(1))
    #expect(failed.error == "cannot make the folder file/types: Not a directory\n", "\(failed)")
    #expect(try await program("lua", "reference").output.hasPrefix("# Lua reference\n"))
    #expect(try await program("lua", "reference", "x").status == .exited(2))
  }

  @Test func wrongUsage() async throws {
    #expect(try await program("lua", "walk", "a.lua").status == .exited(2))
    #expect(try await program("lua", "run").status == .exited(2))
    let missing = try await program("lua", "run", "missing.lua")
    #expect(missing.status == .exited(4))
    #expect(missing.error == "cannot read missing.lua: No such file or directory\n")
  }

  @Test func aMissingHelperIsASentence() async throws {
    try folder.write("print(1)", to: "a.lua")
    var program = program
    program.environment["STACK_DEPLOY_HELPERS"] = folder.path
    let result = try await program("lua", "run", "a.lua")
    #expect(result.status == .exited(4))
    #expect(
      result.error.hasPrefix("cannot find the program script-worker in \(folder.path); install it there"), "\(result)")
  }

  @Test func aWrongHelperIsASentence() async throws {
    try folder.write("print(1)", to: "a.lua")
    try #require(symlink("/bin/true", folder.file("script-worker")) == 0)
    var program = program
    program.environment["STACK_DEPLOY_HELPERS"] = folder.path
    let result = try await program("lua", "run", "a.lua")
    #expect(result.status == .exited(4))
    #expect(
      result.error.contains("is not the script-worker of this version: it ended before it was ready (exit status 0)"),
      "\(result)")
  }
}
