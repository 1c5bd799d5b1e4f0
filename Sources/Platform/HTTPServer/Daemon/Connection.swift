import Concurrency
import Glibc

/// One TCP connection: its socket, its deadline, and the exchange that is under way on it.
///
/// The library holds one reference from the connection's start to its close. The socket is forgotten under the lock
/// before the library closes it, so that `shutdown` never hits a descriptor that was given to another.
final class Connection: Sendable {
  private struct State {
    var socket: Int32
    var deadline: ContinuousClock.Instant?
    /// What was left of the body's time when the reading was paused.
    var pausedTime: Duration?
    var exchange: Exchange?
    var isHungUp = false
    /// The raw target of the request that is being read; nil if it is not UTF-8.
    var target: String?
  }

  let number: UInt64
  let peer: PeerAddress
  private let state: Locked<State>

  init(number: UInt64, socket: Int32, peer: PeerAddress) {
    self.number = number
    self.peer = peer
    state = Locked(State(socket: socket))
    Self.askFromTimeToTime(socket)
  }

  /// A peer whose machine or network is gone says nothing, and a stream on which nothing happens would wait for it for
  /// ever: the system asks after a minute of silence, and breaks the connection off after another.
  private static func askFromTimeToTime(_ socket: Int32) {
    let options: [(level: Int32, name: Int32, value: Int32)] = [
      (SOL_SOCKET, SO_KEEPALIVE, 1), (Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60), (Int32(IPPROTO_TCP), TCP_KEEPINTVL, 15),
      (Int32(IPPROTO_TCP), TCP_KEEPCNT, 4),
    ]
    for option in options {
      var value = option.value
      setsockopt(socket, option.level, option.name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
  }

  var target: String? { state.withLock { $0.target } }
  var isHungUp: Bool { state.withLock { $0.isHungUp } }

  /// A request line was read; its head has until the deadline, if an earlier one is not set.
  func begin(target: String?, timeout: Duration) {
    state.withLock { state in
      state.target = target
      let deadline = ContinuousClock.now + timeout
      state.deadline = min(state.deadline ?? deadline, deadline)
    }
  }

  func attach(_ exchange: Exchange) { state.withLock { $0.exchange = exchange } }
  func detach() { state.withLock { $0.exchange = nil } }

  /// When the peer must have done what it has to do next; nil: it is not its turn.
  func setDeadline(after timeout: Duration?) {
    state.withLock { state in
      state.deadline = timeout.map { ContinuousClock.now + $0 }
      state.pausedTime = nil
    }
  }

  /// Stops the clock while we let the peer wait.
  func pauseDeadline() {
    state.withLock { state in
      guard let deadline = state.deadline else { return }
      state.pausedTime = deadline - ContinuousClock.now
      state.deadline = nil
    }
  }

  func continueDeadline() {
    state.withLock { state in
      guard let rest = state.pausedTime else { return }
      state.deadline = ContinuousClock.now + rest
      state.pausedTime = nil
    }
  }

  /// Breaks the connection off if its time is over; the library then notices its end.
  func closeIfOverdue(at now: ContinuousClock.Instant) {
    state.withLock { state in
      guard let deadline = state.deadline, now >= deadline, state.socket >= 0 else { return }
      shutdown(state.socket, Int32(SHUT_RDWR))
      state.deadline = nil
    }
  }

  /// The peer has closed its side. The library does not watch a suspended connection, and a half-read request would
  /// stay in CLOSE-WAIT for ever; so our side of the reading is shut down as well.
  func hangUp() {
    let exchange = state.withLock { state -> Exchange? in
      state.isHungUp = true
      if state.socket >= 0 { shutdown(state.socket, Int32(SHUT_RD)) }
      return state.exchange
    }
    exchange?.peerHungUp()
  }

  /// The library is about to close the socket.
  func forgetSocket() { state.withLock { $0.socket = -1 } }
}
