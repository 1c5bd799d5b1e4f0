import Arguments
import ScriptHost
import StackServer

/// `check`: what `add --strict` says of stacks, without storing them and without a server.
enum CheckCommand {
  private static let paths = Positional<[String]>.repeated(
    "PATH", help: "A stack's file, or a folder with stack.lua or stack.yaml; - is standard input.", completion: .files)
  private static let layers = Option<[String]>.repeated(
    "layer", help: "A layer, as addlayer takes it.", placeholder: "PATH", completion: .files
  ) { (path) throws(InvalidValue) in path }
  private static let with = Option<[String]>.repeated(
    "with",
    help: "A file, or a folder with all its files, that is stored with the stack in whose folder it lies.",
    placeholder: "PATH", completion: .files
  ) { (path) throws(InvalidValue) in path }

  static let declaration: Command = Command(
    "check", group: "Stacks", summary: "Check stacks without storing them",
    discussion: """
      Says what add --strict would say, all at once, on standard error, each with file, line and column; and 'PATH: fine' for each that has neither \
      mistakes nor oddities. Stacks that are Lua are declared in the sandbox, without any effect. No server is needed.

      All that are given are checked together: what a stack inherits is looked up among them. A parent that is not there is told and is no mistake; what \
      is inherited is not looked at then.

      Exit codes: 0 all are fine, 1 some are not, 2 wrong usage.
      """,
    positionals: [paths.declaration],
    options: [layers.declaration, with.declaration, ScriptLibrary.option.declaration]
  ) { arguments in
    let given =
      arguments[layers].map { GivenStack(path: $0, isLayer: true) }
      + arguments[paths].map { GivenStack(path: $0, isLayer: false) }
    guard !given.isEmpty else {
      Console.writeError("check needs a PATH, or a --layer PATH\n")
      return ExitCode.usage
    }
    let library: [ScriptModule]
    do throws(InvalidValue) {
      library = try ScriptLibrary.modules(arguments)
    } catch {
      Console.writeError("\(TerminalText.text("\(error)"))\n")
      return ExitCode.usage
    }
    let scripts: Result<ScriptHost, ScriptFailure>
    do throws(ScriptFailure) {
      scripts = .success(try await ScriptHost.open())
    } catch {
      scripts = .failure(error)
    }
    let round = CheckRound(examiner: StackExaminer(scripts: scripts, library: library), with: arguments[with])
    return await round.areAllFine(given) ? ExitCode.success : ExitCode.failure
  }
}

/// A stack as the command line names it.
struct GivenStack: Sendable {
  var path: String
  var isLayer: Bool
}
