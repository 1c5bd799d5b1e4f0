import Arguments
import Concurrency
import Crypto
import StackAPI
import StackClient
import StackModel

/// `run NAME`: deploys a stack and waits for it.
enum RunCommand {
  enum Existing: String, Sendable, CaseIterable { case converge, fail, adopt }
  enum Healthy: String, Sendable, CaseIterable { case all, any }

  private static let name = Positional<String>.required(
    "NAME", help: "The stack.", missingMessage: "Stack name required to run")
  private static let zone = Option<String>.string(
    "zone", help: "Zone to run the stack in.", placeholder: "NAME", default: "")
  private static let variables = Option<[(String, String)]>.repeated(
    "var", help: "Variable of the run.", placeholder: "NAME=VALUE"
  ) { text throws(InvalidValue) in
    guard let sign = text.firstIndex(of: "=") else { throw InvalidValue("Variables are expected in k=v format.") }
    return (String(text[..<sign]), String(text[text.index(after: sign)...]))
  }
  private static let skip = Option<[String]>.repeated(
    "skip", help: "Pattern of application ids that count as running.", placeholder: "PATTERN"
  ) { text throws(InvalidValue) in
    do {
      _ = try SkipPatterns([text])
    } catch {
      throw InvalidValue("\(error)")
    }
    return text
  }
  private static let maxWait = Option<Int>.integer(
    "max.wait", help: "Seconds that each application may take to become healthy.", default: 600)
  private static let existing = Option<Existing>.choice(
    "existing",
    help: "What to do with applications that are there: update what changed, fail, or take over foreign ones.",
    default: .converge)
  private static let healthy = Option<Healthy>.choice(
    "healthy", help: "Whether all instances must be healthy or any one.", default: .all)
  private static let lockWait = Option<Duration?>.value(
    "lock.wait", help: "How long to wait for another run of this stack in this zone; 0 refuses at once.",
    placeholder: "DURATION", default: nil, defaultText: "the server's"
  ) { text throws(InvalidValue) in
    do {
      return try GoDuration.parse(text)
    } catch {
      throw InvalidValue("\(error)")
    }
  }
  private static let prune = Option<Bool>.flag(
    "prune", help: "Also destroy what the stack has deployed and no longer has.")
  private static let revision = Option<Int?>.integer(
    "revision", help: "Revision of the stack; the latest if not given.", in: 1...Int.max)

  static let declaration: Command = Command(
    "run", group: "Stacks", summary: "Run Stack",
    discussion: """
      Deploys what changed and waits until all of it is healthy. On a terminal the run is shown as it goes; Ctrl-C leaves it running. Elsewhere standard \
      output has the first and the last line only, and progress goes to standard error.
      """,
    reading: .goAfterName, positionals: [name.declaration],
    options: ServerConnection.options + [
      zone.declaration, variables.declaration, skip.declaration, maxWait.declaration, existing.declaration,
      healthy.declaration, lockWait.declaration, prune.declaration, revision.declaration,
    ]
  ) { arguments in await run(arguments) }

  private static func run(_ arguments: ParsedArguments) async -> Int32 {
    let client = ServerConnection(arguments).client(debug: arguments[ServerConnection.debug])
    let stack = arguments[name]
    var request = APIRunRequest(stack: stack)
    request.zone = arguments[zone].isEmpty ? nil : arguments[zone]
    request.variables = Dictionary(arguments[variables], uniquingKeysWith: { $1 })
    request.skip = arguments[skip]
    request.maxWait = Double(arguments[maxWait])
    request.existing = arguments[existing].rawValue
    request.healthy = arguments[healthy].rawValue
    request.lockWait = arguments[lockWait].map { $0 / .seconds(1) }
    request.prune = arguments[prune]
    request.revision = arguments[revision]

    let start = ContinuousClock.now
    Console.write("Running stack \(stack)\n")
    do throws(StackClientError) {
      let isLive = Terminal.canRedraw && !arguments[ServerConnection.debug]
      let view = RunView(client: client, run: try await client.start(request, key: SecureRandom.uuid()), isLive: isLive)
      switch try await view.watch() {
      case .detached:
        Console.writeError(view.howToComeBack)
        return ExitCode.interrupted
      case .over(let status) where status.run.state == "succeeded":
        Console.write("Done in \(GoDuration.text(.seconds((ContinuousClock.now - start).components.seconds)))\n")
        return ExitCode.success
      case .over(let status):
        Console.write("ERROR running client request: \(TerminalText.text(reason(of: status)))\n")
        if !isLive, let failure = status.failure {
          for line in RunTree.explain(failure).dropFirst() { Console.writeError("\(line)\n") }
        }
        if status.run.state == "failed" {
          Console.writeError("When that is mended: stack-deploy resume \(status.run.id) --retry-step\n")
        }
        return ExitCode.failure
      }
    } catch {
      Console.write("ERROR running client request: \(TerminalText.text("\(error)"))\n")
      return ExitCode.failure
    }
  }

  private static func reason(of status: APIRunStatus) -> String {
    guard let failure = status.failure else { return "run \(status.run.id) was \(status.run.state)" }
    return (failure.application.map { "\($0): " } ?? "") + failure.reason
  }
}
