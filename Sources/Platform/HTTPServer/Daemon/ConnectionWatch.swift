import CPosix
import Concurrency
import Glibc

/// All open connections, and the thread that notices hang-ups and passed deadlines of those that the library does not
/// watch because they are suspended.
final class ConnectionWatch: Sendable {
  private struct State {
    var counts: ConnectionCounts
    /// Admitted connections, by socket, that the library has not begun yet.
    var admitted: [Int32: Admitted] = [:]
    var connections: [UInt64: Connection] = [:]
    var lastNumber: UInt64 = 0
    var isEnding = false
  }

  private struct Admitted {
    let peer: PeerAddress
    let since = ContinuousClock.now
  }

  private let state: Locked<State>
  private let hangups: Int32
  private let sweepInterval: Duration

  /// - Parameter sweepInterval: how late a deadline may be noticed.
  /// - Throws: `errno`'s sentence when there is no descriptor left.
  init(counts: ConnectionCounts, sweepInterval: Duration) throws(HTTPServerError) {
    state = Locked(State(counts: counts))
    hangups = cposix_hangup_create()
    guard hangups >= 0 else {
      throw HTTPServerError(
        code: .system, description: "cannot watch connections: \(String(cString: strerror(errno)))")
    }
    self.sweepInterval = sweepInterval
  }

  deinit { Glibc.close(hangups) }

  func start() {
    // The thread holds the last reference when the server is gone, so the descriptor lives as long as it waits.
    startThread(named: "http-watch") { [self] in run() }
  }

  /// The thread ends at its next wake-up.
  func end() { state.withLock { $0.isEnding = true } }

  /// Counts a connection that was taken. It is then opened, or was `abandoned`.
  func admit(socket: Int32, peer: PeerAddress) -> ConnectionCounts.Admission {
    state.withLock { state in
      let admission = state.counts.admit(peer)
      guard admission == .admitted else { return admission }
      // A socket of the same number that was never opened has ended within the library, for lack of memory.
      if let forgotten = state.admitted.updateValue(Admitted(peer: peer), forKey: socket) {
        state.counts.leave(forgotten.peer)
      }
      return .admitted
    }
  }

  /// The library did not take it.
  func abandon(socket: Int32) {
    state.withLock { state in
      if let admitted = state.admitted.removeValue(forKey: socket) { state.counts.leave(admitted.peer) }
    }
  }

  var count: Int { state.withLock { $0.counts.total } }

  /// The library begins with an admitted connection.
  /// - Parameter headerTimeout: from when it was admitted.
  func open(socket: Int32, headerTimeout: Duration) -> Connection {
    let connection = state.withLock { state in
      state.lastNumber += 1
      let admitted = state.admitted.removeValue(forKey: socket) ?? Admitted(peer: PeerAddress(name: "unknown"))
      let connection = Connection(
        number: state.lastNumber, socket: socket, peer: admitted.peer, deadline: admitted.since + headerTimeout)
      state.connections[connection.number] = connection
      return connection
    }
    // It fails only without memory; then a hang-up is noticed when the response is written. The `close` of the socket
    // ends the watching.
    _ = cposix_hangup_watch(hangups, socket, connection.number)
    return connection
  }

  func close(_ connection: Connection) {
    connection.forgetSocket()
    state.withLock { state in
      if state.connections.removeValue(forKey: connection.number) != nil { state.counts.leave(connection.peer) }
    }
  }

  private func run() {
    var numbers = [UInt64](repeating: 0, count: 64)
    let interval = Int32(clamping: max(1, sweepInterval.wholeMilliseconds))
    var nextSweep = ContinuousClock.now
    while !state.withLock({ $0.isEnding }) {
      let count = cposix_hangup_wait(hangups, &numbers, Int32(numbers.count), interval)
      for number in numbers.prefix(Int(max(0, count))) {
        state.withLock { $0.connections[number] }?.hangUp()
      }
      let now = ContinuousClock.now
      if now >= nextSweep {
        nextSweep = now + sweepInterval
        for connection in state.withLock({ Array($0.connections.values) }) { connection.sweep(at: now) }
      }
    }
  }
}
