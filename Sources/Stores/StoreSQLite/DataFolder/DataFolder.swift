import Glibc
package import Store

/// The folder in which a server keeps everything: the database, its lock, keys, the output of hooks.
package enum DataFolder {
  /// Makes the folder and those above it where they are missing, for the owner only (0700). One that exists stays as it
  /// is.
  package static func create(_ path: String) throws(StoreError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for name in path.split(separator: "/") {
      made += made.isEmpty || made.hasSuffix("/") ? String(name) : "/\(name)"
      guard mkdir(made, 0o700) != 0, errno != EEXIST else { continue }
      let reason = systemMessage(errno)
      // On a read-only file system that is told also of folders that exist.
      if isFolder(made) { continue }
      throw StoreError(
        .unavailable,
        "The data folder \(path) cannot be created: make \(made) or choose another folder with --data-dir",
        cause: reason)
    }
    guard isFolder(path) else {
      throw StoreError(
        .unavailable, "The data folder \(path) is no folder: remove the file or choose another one with --data-dir")
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func systemMessage(_ number: Int32) -> String {
    String(cString: strerror(number))
  }
}
