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

/// Whether the server serves: it listens before it is ready, and still answers when it has begun to stop.
final class Gate: Sendable {
  enum State: Sendable {
    case starting, serving, stopping
  }

  private let current = Locked(State.starting)

  var state: State { current.withLock { $0 } }

  func enter(_ state: State) { current.withLock { $0 = state } }

  /// - Throws: `Refusal` 503 unless the server serves.
  func check() throws {
    switch state {
    case .serving: break
    case .starting: throw Refusal(503, .init(.unavailable, "the server is starting; try again in a moment"))
    case .stopping: throw Refusal(503, .init(.unavailable, "the server stops"))
    }
  }
}
