import Arguments
import StackAPI
import StackClient
import StackModel

/// `add` and `addlayer`: check a file and store it.
enum AddCommand {
  private static let file = Option<String>.string(
    "file", help: "Stackfile with Application Configs; - is standard input.", placeholder: "FILE", default: "Stackfile",
    completion: .files)
  private static let replace = Option<Bool>.flag("replace", help: "Store a new revision if the name is taken.")
  private static let strict = Option<Bool>.flag("strict", help: "Refuse what else is only warned of.")
  private static let level = Option<String>.string(
    "level", help: "zone, cluster or datacenter.", placeholder: "LEVEL", default: "zone",
    completion: .words(LayerLevel.allCases.map(\.name)))
  private static let parent = Option<String>.string(
    "parent", help: "The layer above.", placeholder: "NAME", default: "")

  static let add: Command = Command(
    "add", group: "Stacks", summary: "Add new stack",
    discussion: """
      Mistakes are told all at once, each with file, line and column, and nothing is stored then. What is only odd is a warning on standard error.
      """,
    reading: .go, options: ServerConnection.options + [file.declaration, replace.declaration, strict.declaration]
  ) { arguments in await store(arguments, isLayer: false) }

  static let addLayer: Command = Command(
    "addlayer", group: "Stacks", summary: "Add new layer: datacenter, cluster or zone", reading: .go,
    options: ServerConnection.options + [
      file.declaration, level.declaration, parent.declaration, replace.declaration, strict.declaration,
    ]
  ) { arguments in await store(arguments, isLayer: true) }

  private static func store(_ arguments: ParsedArguments, isLayer: Bool) async -> Int32 {
    let path = arguments[file]
    let source: String
    do throws(FileContentsError) {
      source = try FileContents.text(of: path)
    } catch {
      Console.write("Can't read file \(path)\n")
      Console.writeError("\(error)\n")
      return ExitCode.failure
    }
    var addition = APIStackAddition(source: source, file: path)
    addition.replace = arguments[replace]
    addition.strict = arguments[strict]
    if isLayer {
      addition.level = arguments[level]
      addition.parent = arguments[parent].isEmpty ? nil : arguments[parent]
    }
    let client = ServerConnection(arguments).client(debug: arguments[ServerConnection.debug])
    return await callOriginal { () throws(StackClientError) in
      let added = try await client.add(addition)
      for warning in added.warnings { Console.writeError("\(TerminalText.text("\(warning)"))\n") }
      Console.write("Stack added\n")
    }
  }
}
