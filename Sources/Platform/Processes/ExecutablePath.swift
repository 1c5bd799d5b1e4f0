import Glibc

/// Finds programs as a shell does.
package enum ExecutablePath {
  /// A name with a slash is a path already; others are looked for in our own `PATH`.
  package static func find(_ name: String) throws(ProcessError) -> String {
    if name.contains("/") { return name }
    let folders = environmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
    for folder in folders.split(separator: ":") {
      let path = "\(folder)/\(name)"
      if access(path, X_OK) == 0 { return path }
    }
    throw ProcessError(.notExecutable, "cannot start \(name): no such program in \(folders)")
  }
}

func environmentVariable(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }
}
