import Glibc

/// The places of the cluster's files in a data folder.
struct ClusterFolder: Sendable, Hashable {
  /// The data folder itself.
  let root: String

  /// A relative path is taken from the folder that the process is in now: tasks run in others.
  init(_ dataDirectory: String) {
    guard !dataDirectory.hasPrefix("/"), let current = getcwd(nil, 0) else {
      root = dataDirectory
      return
    }
    defer { free(current) }
    root = "\(String(cString: current))/\(dataDirectory)"
  }

  var own: String { "\(root)/cluster" }
  var database: String { "\(own)/cluster.db" }
  var credential: String { "\(own)/credential" }
  /// Where a running cluster says how it is reached.
  var record: String { "\(own)/cluster.json" }
  var log: String { "\(own)/cluster.log" }
  /// Held by the one cluster of this folder.
  var lock: String { "\(own)/lock" }
  /// Held, shared, by a server that needs the cluster.
  var lease: String { "\(own)/lease" }
  var agents: String { "\(root)/agents" }

  func sandbox(agent: String, taskId: String) -> String { "\(agents)/\(agent)/\(taskId)" }
}
