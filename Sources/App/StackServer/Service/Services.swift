import Concurrency
import Engine
import StackAPI
import Store

/// What handlers work with.
struct Services: Sendable {
  let engine: Engine
  let store: any Store
  let catalog: StackCatalog
  let users: UserDirectory
  let cluster: any ApplicationCluster
  let taskLogs: TaskLogs
  let hooks: DetachedHooks
  let metrics: ServerMetrics
  let time: any TimeSource
  let startedAt: Timestamp
  let defaults: RunDefaults
  /// No users and no keys (`--dev`).
  let isOpen: Bool
  let gate: Gate
  /// As it was when it was reached first.
  let clusterInfo: Locked<ClusterInfo?>
  /// What `/list` and `/get` answer.
  let stackAnswers: AnswerCache
  let userTable: UserTable
  let eventMessages = EventMessages()
  let pulse = Pulse()
}

/// What a run takes where its request does not say.
package struct RunDefaults: Sendable, Hashable {
  /// How long each wait of an application may take.
  package var maxWait: Duration
  /// How long to wait for the run that holds the stack.
  package var lockWait: Duration

  package init(maxWait: Duration = .seconds(600), lockWait: Duration = .seconds(300)) {
    self.maxWait = maxWait
    self.lockWait = lockWait
  }
}
