import Concurrency

/// Hands events to everybody who listens, in order, without waiting for anybody.
final class EventHub: Sendable {
  enum Item: Sendable {
    case notice(ClusterNotice)
    /// Nothing has happened for a while; shows that the stream lives and that the peer does.
    case keepAlive
  }

  /// A listener that falls this far behind is cut off: it would hold the memory of all it has not read.
  private static let backlog = 10_000

  private struct State {
    var listeners: [Int: AsyncStream<Item>.Continuation] = [:]
    var next = 0
    var isClosed = false
  }

  private let state = Locked(State())

  struct Subscription: Sendable {
    let id: Int
    let items: AsyncStream<Item>
  }

  func subscribe() -> Subscription {
    let (items, continuation) = AsyncStream.makeStream(of: Item.self, bufferingPolicy: .bufferingOldest(Self.backlog))
    let id = state.withLock { state in
      state.next += 1
      if state.isClosed { continuation.finish() } else { state.listeners[state.next] = continuation }
      return state.next
    }
    return Subscription(id: id, items: items)
  }

  func unsubscribe(_ subscription: Subscription) {
    state.withLock { $0.listeners.removeValue(forKey: subscription.id) }?.finish()
  }

  func send(_ item: Item) {
    state.withLock { state in
      for (id, listener) in state.listeners {
        if case .dropped = listener.yield(item) {
          listener.finish()
          state.listeners[id] = nil
        }
      }
    }
  }

  func close() {
    let listeners = state.withLock { state in
      state.isClosed = true
      defer { state.listeners = [:] }
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.finish() }
  }
}
