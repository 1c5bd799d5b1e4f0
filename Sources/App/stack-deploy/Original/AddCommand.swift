import Arguments
import Crypto
import ScriptHost
import StackAPI
import StackClient
import StackModel

/// `add` and `addlayer`: check a file and store it.
enum AddCommand {
  private static let file = Option<String?>.string(
    "file", help: "Stackfile with Application Configs; - is standard input. Default: Stackfile.", placeholder: "FILE",
    completion: .files)
  private static let path = Positional<String?>.optional(
    "PATH",
    help:
      "In place of --file: a Lua file, or a folder with stack.lua or stack.yaml. Any other word is ignored, as by the original.",
    completion: .files)
  private static let with = Option<[String]>.repeated(
    "with", help: "A file, or a folder with all its files, to be stored with the stack.",
    placeholder: "PATH", completion: .files
  ) { (path) throws(InvalidValue) in path }
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

      A file whose name ends in .lua is a stack that is Lua (docs/lua.md); any other is YAML.

      Files that hooks run (lua_file) are stored with the stack, and what a Lua file requires by a name that is written out; what those of YAML require is named with --with. All lie in the folder of FILE or below it and are known by their path from there. Of a folder, hidden files are left out; a PATH that is a folder comes with all its files.
      """,
    reading: .go, positionals: [path.declaration],
    options: ServerConnection.options + [
      file.declaration, with.declaration, replace.declaration, strict.declaration,
    ]
  ) { arguments in await store(arguments, isLayer: false) }

  static let addLayer: Command = Command(
    "addlayer", group: "Stacks", summary: "Add new layer: datacenter, cluster or zone", reading: .go,
    positionals: [path.declaration],
    options: ServerConnection.options + [
      file.declaration, with.declaration, level.declaration, parent.declaration, replace.declaration,
      strict.declaration,
    ]
  ) { arguments in await store(arguments, isLayer: true) }

  private static func store(_ arguments: ParsedArguments, isLayer: Bool) async -> Int32 {
    let word = arguments[self.path].flatMap { StackSource.isLua($0) || Path.isFolder($0) ? $0 : nil }
    guard arguments[file] == nil || word == nil else {
      Console.writeError("the stack is named by PATH or by --file, not by both\n")
      return ExitCode.usage
    }
    let given = word ?? arguments[file] ?? "Stackfile"
    let stack: LocalStack
    do throws(FileContentsError) {
      stack = try LocalStack(given)
    } catch {
      Console.write("Can't read file \(given)\n")
      Console.writeError("\(error)\n")
      return ExitCode.failure
    }
    var folder = stack.folder
    for path in arguments[with] { folder.add(path) }
    let problems = folder.problems
    guard problems.isEmpty else {
      let count = problems.count == 1 ? "a mistake" : "\(problems.count) mistakes"
      let lines = ["ERROR: nothing was sent: the files of the stack have \(count)"] + problems
      Console.write(TerminalText.text(lines.joined(separator: "\n")) + "\n")
      return ExitCode.failure
    }
    var addition = APIStackAddition(source: stack.source, file: stack.path, files: folder.encoded)
    addition.replace = arguments[replace]
    addition.strict = arguments[strict]
    if isLayer {
      addition.level = arguments[level]
      addition.parent = arguments[parent].isEmpty ? nil : arguments[parent]
    }
    let client = ServerConnection(arguments).client(debug: arguments[ServerConnection.debug])
    return await callOriginal { () throws(StackClientError) in
      let added = try await client.add(addition, key: SecureRandom.uuid())
      for warning in added.warnings { Console.writeError("\(TerminalText.text("\(warning)"))\n") }
      Console.write("Stack added\n")
    }
  }
}
