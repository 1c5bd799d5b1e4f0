import ScriptHost
import StackModel

/// A stack's file on this machine, with the files that go with it: what its hooks run, what a Lua file requires by names
/// that are written out, and of a folder all that lies in it.
struct LocalStack {
  let path: String
  let source: String
  var folder: StackFolder

  /// The file that is meant: of a folder its `stack.lua`, or, where it has none, its `stack.yaml`.
  static func path(of given: String) -> String {
    guard Path.isFolder(given) else { return given }
    let lua = Path.joined(given, "stack.lua")
    return Path.exists(lua) || !Path.exists(Path.joined(given, "stack.yaml")) ? lua : Path.joined(given, "stack.yaml")
  }

  /// - Parameter given: a file, or a folder; `-` is standard input.
  /// - Throws: where the file cannot be read. What is wrong with the files beside it is among the folder's problems.
  init(_ given: String) throws(FileContentsError) {
    path = Self.path(of: given)
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
