import Arguments
import Testing

enum Format: String, CaseIterable, Sendable { case table, json, yaml }

/// The command set that these tests parse.
enum Fixture {
  static let name = Positional<String>.required(
    "STACK", help: "Name of the stack.", missingMessage: "Stack name required to run",
    completion: .output(of: ["list"]))
  static let zone = Option<String?>.string("zone", help: "Zone to run the stack in.", placeholder: "ZONE")
  static let maxWait = Option<Int>.integer("max.wait", help: "Seconds to wait.", default: 600)
  static let force = Option<Bool>.flag("force", help: "Even with children.")
  static let variables = Option<[String]>.repeated("var", help: "A variable.", placeholder: "K=V") {
    (text) throws(InvalidValue) in
    guard text.contains("=") else { throw InvalidValue("Variables are expected in k=v format.") }
    return text
  }
  static let file = Option<String>.string("file", help: "Stack file.", default: "Stackfile", completion: .files)
  static let format = Option<Format>.choice("output", "o", help: "Form of the output.", default: .table)
  static let follow = Option<Bool>.flag("follow", "f", help: "Go on.")
  static let wait = Option<Duration>.duration("lock-wait", help: "How long.", default: .seconds(300), defaultText: "5m")
  static let run = Positional<String>.required("RUN", help: "Id of the run.")
  static let paths = Positional<[String]>.repeated(
    "PATH", help: "Files to look at.", completion: .words(["one", "two"]))
  static let application = Positional<String?>.optional("APPLICATION", help: "Only this one.")

  static let commands = CommandSet(
    program: "stack-deploy", summary: "Deploys stacks.",
    commands: [
      Command(
        "run", group: "Stacks", summary: "Run a stack", reading: .goAfterName, positionals: [name.declaration],
        options: [zone.declaration, maxWait.declaration, variables.declaration, force.declaration]
      ) { _ in 0 },
      Command(
        "add", group: "Stacks", summary: "Add a stack", discussion: "It isn't run.", reading: .go,
        options: [file.declaration]
      ) { _ in 0 },
      Command(
        "status", group: "Runs", summary: "Show a run",
        positionals: [run.declaration, application.declaration],
        options: [format.declaration, follow.declaration, wait.declaration]
      ) { _ in 0 },
      Command(
        "look", group: "Runs", summary: "Look", positionals: [paths.declaration], options: [follow.declaration]
      ) { _ in 0 },
      Command("stop", group: "Runs", summary: "Stop") { _ in 0 },
    ])

  static func parse(_ words: String...) throws -> ParsedArguments {
    guard case .command(_, let arguments) = try commands.parse(words) else {
      throw InvalidValue("this is no command: \(words)")
    }
    return arguments
  }

  static func error(_ words: String...) -> ArgumentError? {
    do throws(ArgumentError) {
      _ = try commands.parse(words)
      return nil
    } catch {
      return error
    }
  }

  static func help(_ words: String...) throws -> String {
    guard case .help(let text) = try commands.parse(words) else {
      throw InvalidValue("this asks for no help: \(words)")
    }
    return text
  }
}
