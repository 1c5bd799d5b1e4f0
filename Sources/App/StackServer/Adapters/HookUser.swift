import Glibc

/// The user who runs shell hooks in place of the server's, who is root: so the server's data stays closed to them.
///
/// Their script reaches `sh` as an argument, since they cannot read a file of the server's; it may have 128 KiB.
package struct HookUser: Sendable {
  let name: String
  /// What a login would set.
  let environment: [String: String]

  package init(_ name: String) throws(ServerStartError) {
    guard geteuid() == 0 else {
      throw ServerStartError("--hooks.user \(name): only a server that root runs can run hooks as another user")
    }
    guard let entry = getpwnam(name) else {
      throw ServerStartError("--hooks.user \(name): there is no such user on this machine")
    }
    guard entry.pointee.pw_uid != 0 else {
      throw ServerStartError("--hooks.user \(name): this is root, who may read everything")
    }
    self.name = name
    environment = [
      "USER": name, "LOGNAME": name, "HOME": entry.pointee.pw_dir.map { String(cString: $0) } ?? "/",
    ]
  }
}
