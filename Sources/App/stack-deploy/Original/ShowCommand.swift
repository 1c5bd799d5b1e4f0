import Arguments
import StackAPI
import StackClient

/// `show NAME`: a stack with all that it inherits.
enum ShowCommand {
  private static let name = Positional<String>.required(
    "NAME", help: "The stack.", missingMessage: "Stack name required to show")
  private static let revision = Option<Int?>.integer(
    "revision", help: "Revision of the stack; the latest if not given.", in: 1...Int.max)
  private static let files = Option<Bool>.flag(
    "files", help: "Paths, sizes and SHA-256 of the files that it came with.")
  private static let file = Option<String?>.string("file", help: "One of these files, as it is.", placeholder: "PATH")
  private static let source = Option<Bool>.flag("source", help: "The author's text instead, as it was added.")

  static let declaration: Command = Command(
    "show", group: "Stacks", summary: "Show stack", reading: .goAfterName, positionals: [name.declaration],
    options: ServerConnection.options + [
      revision.declaration, source.declaration, files.declaration, file.declaration,
    ]
  ) { arguments in
    guard [arguments[source], arguments[files], arguments[file] != nil].filter({ $0 }).count <= 1 else {
      Console.writeError("show takes one of --source, --files and --file\n")
      return ExitCode.usage
    }
    return await callOriginal { () throws(StackClientError) in
      let client = ServerConnection(arguments).client(debug: arguments[ServerConnection.debug])
      if arguments[files] {
        var table = Table("PATH", "SIZE", "SHA-256")
        for file in try await client.files(of: arguments[name], revision: arguments[revision]).files {
          table.add(file.path, String(file.size), file.sha256)
        }
        Console.write(table.text)
        return
      }
      if let path = arguments[file] {
        let bytes = try await client.file(path, of: arguments[name], revision: arguments[revision])
        if Terminal.isThere {
          Console.writeForeign(String(decoding: bytes, as: UTF8.self))
        } else {
          Console.write(bytes)
        }
        return
      }
      if arguments[revision] == nil, !arguments[source] {
        Console.writeForeign(try await client.show(arguments[name]) + "\n")
        return
      }
      let document = try await client.stack(arguments[name], revision: arguments[revision], merged: !arguments[source])
      Console.writeForeign(arguments[source] ? document.source : document.yaml + "\n")
    }
  }
}
