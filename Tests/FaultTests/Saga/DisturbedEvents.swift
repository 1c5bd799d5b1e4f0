import Engine
import FaultInjection

/// The cluster's events as a bad connection brings them: some twice, some late and behind others, some not at all, and the
/// stream breaks now and then.
enum DisturbedEvents {
  static func stream(
    _ events: AsyncStream<ClusterEvent>, seed: UInt64, disturbed: @escaping @Sendable () -> Void
  ) -> AsyncStream<ClusterEvent> {
    AsyncStream { continuation in
      // Unstructured, as the stream that it stands for: its reader decides how long it lives.
      let task = Task {
        var random = SeededGenerator(seed: seed)
        var heldBack: [ClusterEvent] = []
        for await event in events {
          if case .changed = event {} else if case .deploymentEnded = event {} else { continuation.yield(event) }
          let kind = Int.random(in: 0..<8, using: &random)
          if kind < 4 { disturbed() }
          switch kind {
          case 0: break
          case 1:
            continuation.yield(event)
            continuation.yield(event)
          case 2: heldBack.append(event)
          case 3:
            continuation.yield(.disconnected(reason: "injected"))
            continuation.yield(.connected)
          default: continuation.yield(event)
          }
          if Int.random(in: 0..<3, using: &random) == 0 {
            for late in heldBack.shuffled(using: &random) { continuation.yield(late) }
            heldBack = []
          }
        }
        continuation.finish()
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }
}
