import Arguments

/// `lua ACTION …`: what authors of scripts need.
enum LuaCommand {
  private static let action = Positional<String>.required(
    "ACTION",
    help:
      "run: run the file PATH here, in the sandbox that scripts of stacks get. types: write annotations for editors into the folder PATH, or "
      + "show them. reference: show the page about all functions.", completion: .words(["run", "types", "reference"]))
  private static let path = Positional<String?>.optional(
    "PATH", help: "A Lua file, or a folder.", completion: .files)
  private static let modules = Option<String?>.string(
    "modules", help: "Folder with the files that the script may require.", placeholder: "DIR", completion: .folders)
  private static let cpu = Option<Duration>.duration(
    "cpu", help: "CPU time that the script may use.", default: .seconds(2), defaultText: "2s")
  private static let memory = Option<Int>.integer(
    "memory", help: "MiB of memory that the script may hold.", default: 64, in: 1...4096)
  private static let timeout = Option<Duration>.duration(
    "timeout", help: "Time that the script may take.", default: .seconds(60), defaultText: "1m")
  private static let seed = Option<Int>.integer("seed", help: "What math.random and uuid follow from.", default: 0)

  static let declaration: Command = Command(
    "lua", group: "Scripts",
    summary: "Run a Lua script in the sandbox that scripts of stacks get; help for who writes them",
    discussion: """
      A script that is run here has what docs/lua.md describes, print, which writes to standard output, and the functions of the host that need no run \
      (docs/lua-reference.md); log writes to standard error. An error is told on standard error with file and line. No server is needed.

      Exit codes of run: 0 the script ended, 1 it is no Lua or raised an error, 2 wrong usage, 3 it went over a budget, 4 it could not be run, or \
      its worker died.
      """,
    positionals: [action.declaration, path.declaration],
    options: [
      modules.declaration, cpu.declaration, memory.declaration, timeout.declaration, seed.declaration,
    ]
  ) { arguments in
    switch (arguments[action], arguments[path]) {
    case ("run", let file?):
      return await LuaRun(
        path: file, modules: arguments[modules], cpu: arguments[cpu], memory: arguments[memory] << 20,
        timeout: arguments[timeout], seed: UInt64(bitPattern: Int64(arguments[seed]))
      ).perform()
    case ("types", let folder): return LuaTypesFiles.write(to: folder)
    case ("reference", nil): return LuaTypesFiles.showReference()
    case ("run", nil):
      Console.writeError("lua run needs a FILE\n")
    case ("reference", _):
      Console.writeError("lua reference shows a page and takes no PATH\n")
    case (let unknown, _):
      Console.writeError("lua does not know '\(unknown)': run, types or reference is meant?\n")
    }
    return ExitCode.usage
  }
}
