import Arguments

/// `lua ACTION …`: what authors of scripts need.
enum LuaCommand {
  private static let action = Positional<String>.required(
    "ACTION", help: "run: run FILE here, in the sandbox that scripts of stacks get.", completion: .words(["run"]))
  private static let file = Positional<String>.required("FILE", help: "A Lua file.", completion: .files)
  private static let cpu = Option<Duration>.duration(
    "cpu", help: "CPU time that the script may use.", default: .seconds(2), defaultText: "2s")
  private static let memory = Option<Int>.integer(
    "memory", help: "MiB of memory that the script may hold.", default: 64, in: 1...4096)
  private static let timeout = Option<Duration>.duration(
    "timeout", help: "Time that the script may take.", default: .seconds(60), defaultText: "1m")
  private static let seed = Option<Int>.integer("seed", help: "What math.random follows from.", default: 0)

  static let declaration: Command = Command(
    "lua", group: "Scripts", summary: "Run a Lua script in the sandbox that scripts of stacks get",
    discussion: """
      The script sees what docs/lua.md describes, and print, which writes to standard output; no function of the host. An error is told on standard \
      error with file and line. No server is needed.

      Exit codes: 0 the script ended, 1 it is no Lua or raised an error, 2 wrong usage, 3 it went over a budget, 4 it could not be run, or \
      its worker died.
      """,
    positionals: [action.declaration, file.declaration],
    options: [cpu.declaration, memory.declaration, timeout.declaration, seed.declaration]
  ) { arguments in
    guard arguments[action] == "run" else {
      Console.writeError("lua does not know '\(arguments[action])': run is meant?\n")
      return ExitCode.usage
    }
    return await LuaRun(
      path: arguments[file], cpu: arguments[cpu], memory: arguments[memory] << 20, timeout: arguments[timeout],
      seed: UInt64(bitPattern: Int64(arguments[seed]))
    ).perform()
  }
}
