import ScriptHost
import StackModel

/// A stack's file on this machine, with the files that go with it: what its hooks run, what a Lua file requires by names
/// that are written out, and of a folder all that lies in it.
struct LocalStack {
  let path: String
  let source: String
  var folder: StackFolder

  /// The file that is meant: of a folder its `stack.lua`, or, where it has none, its `stack.yaml`.
  /// - Throws: where a folder has neither.
  private static func path(of given: String) throws(FileContentsError) -> String {
    guard Path.isFolder(given) else { return given }
    let names = ["stack.lua", "stack.yaml"]
    for path in names.map({ Path.joined(given, $0) }) where Path.exists(path) { return path }
    throw FileContentsError(description: "\(given): a folder without \(names.joined(separator: " and "))")
  }

  /// - Parameter given: a file, or a folder; `-` is standard input.
  /// - Throws: where the file cannot be read. What is wrong with the files beside it is among the folder's problems.
  init(_ given: String) throws(FileContentsError) {
    path = try Self.path(of: given)
    source = try FileContents.text(of: path)
    folder = try StackFolder(ofStackFile: path)
    if Path.isFolder(given) { folder.add(given) }
    if StackSource.isLua(path) {
      folder.addLua(namedIn: source)
    } else {
      // What its hooks run is named in it; what these need beside is not.
      for script in StackDecoding(source, file: path).stack?.scripts ?? [] {
        if let file = script.file { folder.add(below: file) }
      }
    }
  }
}
