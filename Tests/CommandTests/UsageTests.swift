import Processes
import Testing

/// What the program says without a server. Exit codes and the original's texts.
struct UsageTests {
  private let program: Program

  init() throws { program = Program(in: try Folder()) }

  @Test(arguments: [[], ["--help"], ["-h"], ["help"]])
  func helpGoesToStandardErrorAndEndsWithOne(arguments: [String]) async throws {
    let result = try await program.call(arguments)
    #expect(result.status == .exited(1))
    #expect(result.output.isEmpty)
    for command in Program.commandNames {
      #expect(result.error.contains("  \(command) "), "\(command) is missing: \(result)")
    }
  }

  @Test func emptyWordsBeforeTheCommandAreNone() async throws {
    let result = try await program("", "list", "--api", "127.0.0.1:1")
    #expect(result.status == .exited(1))
    #expect(result.output.hasPrefix("ERROR getting list: "))
  }

  @Test func removeTakesAZoneAsItsDocumentationSaid() async throws {
    let result = try await program("remove", "x", "--zone", "z", "--api", "127.0.0.1:1")
    #expect(result.status == .exited(1))
    #expect(result.output.hasPrefix("Removing stack x\nERROR: no server answers at http://127.0.0.1:1"))
  }

  @Test func debugShowsCallsWithoutTheKey() async throws {
    var program = program
    program.environment["SD_USER"] = "john"
    program.environment["SD_KEY"] = "very-secret"
    let result = try await program("ping", "--debug", "--api", "127.0.0.1:1")
    #expect(result.error.contains("> POST http://127.0.0.1:1/health as john"))
    #expect(!result.description.contains("very-secret"))
  }

  @Test(arguments: Program.commandNames)
  func helpOfACommandFitsATerminal(command: String) async throws {
    let result = try await program("help", command)
    #expect(result.status == .exited(0) && result.output.isEmpty, "\(result)")
    #expect(result.error.contains("\nUsage: stack-deploy \(command)"))
    for line in result.error.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
  }

  @Test func anUnknownCommandNamesTheNearest() async throws {
    let result = try await program("sttaus")
    #expect(result.status == .exited(1))
    #expect(result.error.hasPrefix("unknown command 'sttaus', did you mean 'status'?"))
  }

  @Test(arguments: [
    (["run"], 1, "Stack name required to run\n"), (["show"], 1, "Stack name required to show\n"),
    (["remove"], 1, "Stack name required to remove\n"), (["add"], 1, "Can't read file Stackfile\n"),
    (["add", "--file", "missing.stack"], 1, "Can't read file missing.stack\n"),
    (["add", "s.stack"], 1, "Can't read file Stackfile\n"),
  ])
  func theOriginalsRefusals(arguments: [String], code: Int32, output: String) async throws {
    let result = try await program.call(arguments)
    #expect(result.status == .exited(code), "\(result)")
    #expect(result.output == output)
  }

  @Test(arguments: [
    (["run", "x", "--max.wait", "abc"], "invalid value \"abc\" for flag -max.wait: must be a whole number"),
    (["run", "x", "--max.wait"], "flag needs an argument: -max.wait"),
    (
      ["run", "x", "--var", "novalue"], "invalid value \"novalue\" for flag -var: Variables are expected in k=v format."
    ),
    (["run", "x", "--skip", "["], "invalid value \"[\" for flag -skip: error parsing regexp: missing closing ]: `[`"),
    (["run", "x", "--bogus"], "flag provided but not defined: -bogus"),
    (["list", "--bogus"], "flag provided but not defined: -bogus"),
    (["add", "--file"], "flag needs an argument: -file"),
    (["show", "x", "--files", "--source"], "show takes one of --source, --files and --file"),
    (["show", "x", "--files", "--file", "a"], "show takes one of --source, --files and --file"),
    (["resume", "1"], "resume needs one of --retry-step and --skip-step"),
    (["server", "--cassandra", "127.0.0.1"], "--cassandra needs the Cassandra store"),
    (["server", "--storage", "file:x"], "--storage keeps the state of the Mesos framework"),
    (["server", "--bootstrap", "x"], "cannot read the stack that --bootstrap names: x: No such file or directory"),
    (
      ["server", "--bootstrap", "/"],
      "cannot read the stack that --bootstrap names: /: a folder without stack.lua and stack.yaml"
    ),
    (["server", "--dev", "--local"], "--dev keeps nothing, and --local needs a folder"),
    (["server", "--api", "nowhere"], "invalid value \"nowhere\" for flag -api"),
    (
      ["server", "--script.grant", "http:127.1"],
      "invalid value \"http:127.1\" for flag -script.grant: \"http:127.1\" is no grant: a host is"
    ),
    (["server", "--script.grant.regular", "default"], "invalid value \"default\" for flag -script.grant.regular"),
    (["server", "--hooks.shell", "no"], "invalid value \"no\" for flag -hooks.shell: must be one of on, off"),
    (["server", "--hooks.shell", "off", "--hooks.user", "nobody"], "--hooks.user says who runs shell commands"),
    (["cluster"], "the cluster needs a folder for its state: --data-dir DIR"),
  ])
  func wrongFlagsEndWithTwo(arguments: [String], message: String) async throws {
    let result = try await program.call(arguments)
    #expect(result.status == .exited(2), "\(result)")
    #expect(result.error.hasPrefix(message), "\(result)")
    #expect(result.output.isEmpty)
  }

  @Test func withoutAServerTheErrorNamesTheAddressAndTheWayOut() async throws {
    for command in [["ping"], ["list"], ["run", "x"], ["status"]] {
      let result = try await program.call(command + ["--api", "127.0.0.1:1"])
      #expect(result.status == .exited(1), "\(result)")
      let text = result.output + result.error
      #expect(text.contains("no server answers at http://127.0.0.1:1"), "\(result)")
      #expect(text.contains("--api or SD_API"))
    }
  }

  @Test func bashLoadsTheCompletion() async throws {
    let result = try await program.shell(
      """
      source <(stack-deploy completion bash)
      offer() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _stack_deploy; echo "${COMPREPLY[*]}"; }
      offer stack-deploy ru; offer stack-deploy runs --state ca; offer stack-deploy completion ''
      complete -p stack-deploy
      """)
    #expect(
      result.output == "run runs\ncancelled\nbash zsh fish\ncomplete -F _stack_deploy stack-deploy\n", "\(result)")
    #expect(result.error.isEmpty)
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionKnowsTheCommands(shell: String) async throws {
    let result = try await program("completion", shell)
    #expect(result.status == .exited(0))
    #expect(result.output.contains("refreshtoken"))
  }

  @Test func theVersionIsPrinted() async throws {
    let result = try await program("version")
    #expect(result.status == .exited(0))
    #expect(result.output.split(separator: ".").count == 3)
  }
}
