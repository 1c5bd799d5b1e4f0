/// Why the cluster cannot start or cannot be reached.
package struct ClusterError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    case alreadyRunning
    case notLoopback
    case newerState
    case cannotStart
    case doesNotAnswer
    case badOption
    case system
  }

  package let code: Code
  package let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  static func newerState(path: String, version: Int) -> ClusterError {
    ClusterError(
      .newerState,
      "the cluster's state in \(path) was written by a newer version (schema \(version)): use that version, or another data folder"
    )
  }

  static func alreadyRunning(folder: String, pid: String) -> ClusterError {
    ClusterError(
      .alreadyRunning,
      "a cluster (process \(pid)) already runs on the data folder \(folder): stop it, or use another folder")
  }
}
