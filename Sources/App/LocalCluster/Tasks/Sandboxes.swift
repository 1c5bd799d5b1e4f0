import Concurrency
import Glibc

/// The folders of tasks: one per task, kept for a while after its end.
final class Sandboxes: Sendable {
  private struct State {
    var live: [String: String] = [:]
    /// Finished ones, oldest first.
    var finished: [(taskId: String, path: String)] = []
  }

  private let folder: ClusterFolder
  /// How many finished ones are kept.
  private let retention: Int
  private let state = Locked(State())

  /// What an earlier cluster left is finished.
  init(_ folder: ClusterFolder, retention: Int) {
    self.folder = folder
    self.retention = retention
    var old: [(at: Int, taskId: String, path: String)] = []
    for agent in Files.names(in: folder.agents) {
      for taskId in Files.names(in: "\(folder.agents)/\(agent)") {
        let path = folder.sandbox(agent: agent, taskId: taskId)
        old.append((Files.status(path)?.st_mtim.tv_sec ?? 0, taskId, path))
      }
    }
    let finished = old.sorted { $0.at < $1.at }.map { (taskId: $0.taskId, path: $0.path) }
    state.withLock { $0.finished = finished }
    prune()
  }

  func create(_ launch: TaskLaunch) throws(FileFault) -> String {
    let path = folder.sandbox(agent: launch.agent.hostname, taskId: launch.taskId)
    try Files.createFolder(path, mode: 0o755)
    state.withLock { $0.live[launch.taskId] = path }
    return path
  }

  func finish(_ taskId: String) {
    state.withLock { state in
      if let path = state.live.removeValue(forKey: taskId) { state.finished.append((taskId, path)) }
    }
    prune()
  }

  /// Where a task's files are, if they are still kept.
  func path(of taskId: String) -> String? {
    state.withLock { state in state.live[taskId] ?? state.finished.last { $0.taskId == taskId }?.path }
  }

  private func prune() {
    let doomed = state.withLock { state -> [String] in
      let surplus = max(0, state.finished.count - retention)
      defer { state.finished.removeFirst(surplus) }
      return state.finished.prefix(surplus).map(\.path)
    }
    guard !doomed.isEmpty else { return }
    // A sandbox may hold thousands of files.
    startThread(named: "sandboxes") {
      for path in doomed { Files.remove(path) }
    }
  }
}
