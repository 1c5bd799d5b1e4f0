import Glibc

/// Paths as a command line names them, and what lies there.
enum Path {
  /// `a/b` of `a/b/c` and of `a/b/c//`.
  static func parent(of path: String) -> String {
    let parts = trimmed(path)
    guard let slash = parts.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == parts.startIndex ? "/" : String(decoding: parts[..<slash], as: UTF8.self)
  }

  static func lastName(of path: String) -> String {
    let parts = trimmed(path)
    guard let slash = parts.lastIndex(of: UInt8(ascii: "/")) else { return String(decoding: parts, as: UTF8.self) }
    return String(decoding: parts[parts.index(after: slash)...], as: UTF8.self)
  }

  private static func trimmed(_ path: String) -> Array<UInt8>.SubSequence {
    var bytes = Array(path.utf8)[...]
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    return bytes
  }

  /// Whether there is a folder, or a link to one.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// A name in a folder.
  static func joined(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// Whether there is something of this name, if only a link.
  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// The path without links and dots; nil, with `errno`, where there is nothing.
  static func real(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Sorted bytewise; nil for one that is no UTF-8.
  static func names(in folder: String) throws(FileContentsError) -> [String?] {
    guard let directory = opendir(folder) else { throw FileContentsError(folder, errno: errno) }
    defer { closedir(directory) }
    var names: [[UInt8]] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }.map { String(validating: $0, as: UTF8.self) }
  }
}
