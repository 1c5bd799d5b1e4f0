import Glibc

/// The processes that a server starts for scripts.
enum ServerWorkers {
  /// How many there are at the moment.
  static func count(of server: Int32) -> Int {
    Folder.names(in: "/proc").compactMap { Int32($0) }.count { pid in
      guard let (name, fields) = stat(pid) else { return false }
      return name == "script-worker" && fields[1] == "\(server)"
    }
  }

  /// CPU time of those children of the server that have ended.
  static func timeOfEnded(of server: Int32) throws -> Duration {
    guard let (_, fields) = stat(server), let user = Int(fields[13]), let system = Int(fields[14]) else {
      throw CommandFailure("no process \(server)")
    }
    return .milliseconds((user + system) * 1_000 / sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Its name, and the fields behind it, from the state on (proc(5)).
  private static func stat(_ pid: Int32) -> (name: String, fields: [Substring])? {
    guard let bytes = try? Folder.contents(of: "/proc/\(pid)/stat") else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: close)...].split(separator: " ")
    return fields.count > 20 ? (String(text[text.index(after: open)..<close]), fields) : nil
  }
}
