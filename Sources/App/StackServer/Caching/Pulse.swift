import Concurrency
import HTTPServer
import HTTPTypes

/// Writes a comment into quiet streams now and then, which keeps proxies and clients from taking them for dead ones, and
/// shows us vanished peers. One timer serves all streams.
final class Pulse: Sendable {
  private struct State {
    var streams: [UInt64: HTTPResponseWriter] = [:]
    var last: UInt64 = 0
  }

  private static let interval = Duration.seconds(15)
  static let comment = ServerSentEvent(comment: "alive").bytes
  private let state = Locked(State())

  /// From now on the stream has a pulse.
  /// - Returns: what it is ended with.
  func begin(_ writer: HTTPResponseWriter) -> UInt64 {
    state.withLock { state in
      state.last += 1
      state.streams[state.last] = writer
      return state.last
    }
  }

  func end(_ number: UInt64) { state.withLock { _ = $0.streams.removeValue(forKey: number) } }

  /// Until the task is cancelled.
  func run(_ time: any TimeSource) async {
    while true {
      do { try await time.sleep(for: Self.interval) } catch { return }
      // One that has not yet taken the last event needs no comment.
      for writer in state.withLock({ Array($0.streams.values) }) { writer.writeIfIdle(Self.comment) }
    }
  }
}
