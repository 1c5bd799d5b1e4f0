import Arguments

extension FuzzTarget {
  private enum Format: String, CaseIterable, Sendable { case table, json, yaml }

  private static let commands = CommandSet(
    program: "stack-deploy", summary: "Deploys stacks.",
    commands: [
      Command(
        "run", group: "Stacks", summary: "Run a stack", reading: .goAfterName,
        positionals: [Positional<String>.required("STACK", help: "Name.").declaration],
        options: [
          Option<String?>.string("zone", help: "Zone.", placeholder: "ZONE").declaration,
          Option<Int>.integer("max.wait", help: "Seconds.", default: 600).declaration,
          Option<[String]>.repeated("var", help: "A variable.", placeholder: "K=V") { (text) in text }.declaration,
          Option<Bool>.flag("force", help: "Even then.").declaration,
        ]
      ) { _ in 0 },
      Command(
        "status", summary: "Show a run",
        positionals: [
          Positional<String>.required("RUN", help: "Id.").declaration,
          Positional<String?>.optional("APPLICATION", help: "Only this one.").declaration,
        ],
        options: [
          Option<Format>.choice("output", "o", help: "Form.", default: .table).declaration,
          Option<Bool>.flag("follow", "f", help: "Go on.").declaration,
          Option<Duration>.duration("lock-wait", help: "How long.", default: .seconds(300), defaultText: "5m")
            .declaration,
        ]
      ) { _ in 0 },
    ])

  /// A command line, one word a line.
  static let arguments = FuzzTarget(
    name: "arguments", summary: "command lines, one word a line", longestInput: 512
  ) { bytes in
    let words = lines(bytes)
    do {
      switch try commands.parse(words) {
      case .help(let text): try require(!text.isEmpty, "an empty help")
      case .command, .version: break
      }
    } catch let error as ArgumentError {
      try require(!error.message.isEmpty, "no message")
      try require(error.message.utf8.count <= 1_024 + 4 * bytes.count, "a long message")
    }
  }
}
