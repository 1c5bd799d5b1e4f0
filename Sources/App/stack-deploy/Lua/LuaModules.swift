import Glibc
import ScriptHost

/// The Lua files of a folder, for `require`.
enum LuaModules {
  /// More than a stack has; whoever names a home folder is told so soon.
  private static let mostEntries = 10_000
  private static let deepest = 16

  /// Files that no script can name are left out, and symbolic links that are not files.
  static func all(in folder: String) throws(FileContentsError) -> [ScriptModule] {
    var modules: [ScriptModule] = []
    var seen = 0
    var rest = [(path: folder, prefix: "", depth: 0)]
    while let (path, prefix, depth) = rest.popLast() {
      for entry in try entries(of: path) {
        seen += 1
        guard seen <= mostEntries else {
          throw FileContentsError(description: "\(folder): more than \(mostEntries) files and folders")
        }
        if entry.isFolder {
          if depth < deepest { rest.append(("\(path)/\(entry.name)", "\(prefix)\(entry.name)/", depth + 1)) }
        } else if ScriptModule(path: prefix + entry.name, source: []) != nil {
          let source = try FileContents.bytes(of: "\(path)/\(entry.name)")
          if let module = ScriptModule(path: prefix + entry.name, source: source) { modules.append(module) }
        }
      }
    }
    return modules.sorted { $0.path < $1.path }
  }

  private static func entries(of path: String) throws(FileContentsError) -> [(name: String, isFolder: Bool)] {
    var entries: [(name: String, isFolder: Bool)] = []
    // A name that is no UTF-8 cannot be required.
    for name in try Path.names(in: path).compactMap({ $0 }) where !name.hasPrefix(".") {
      // Not followed: a link to a folder above would never end.
      var status = stat()
      guard lstat("\(path)/\(name)", &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: entries.append((name, true))
      case S_IFREG: entries.append((name, false))
      case S_IFLNK where stat("\(path)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFREG:
        entries.append((name, false))
      default: continue
      }
    }
    return entries
  }
}
