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

  init(number: UInt64, socket: Int32, peer: PeerAddress, deadline: ContinuousClock.Instant) {
    self.number = number
    self.peer = peer
    state = Locked(State(socket: socket, deadline: deadline))
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

  func setDeadlineIfNone(after timeout: Duration) {
    state.withLock { state in
      if state.deadline == nil { state.deadline = ContinuousClock.now + timeout }
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

  /// Breaks the connection off if its time is over; the library then notices its end. If it is the peer's turn and the
  /// peer has closed its side, the library is woken: its last read may have taken the end's notice with the data.
  func sweep(at now: ContinuousClock.Instant) {
    state.withLock { state in
      guard let deadline = state.deadline, state.socket >= 0 else { return }
      if now >= deadline {
        shutdown(state.socket, Int32(SHUT_RDWR))
        state.deadline = nil
      } else if state.isHungUp {
        shutdown(state.socket, Int32(SHUT_RD))
      }
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

  /// A request is over; the next one may take this long to come. If the peer has closed its side, only what it sent
  /// before can come: the library is woken once more, as it may have missed the end while it was busy with the request.
  func endRequest(idleTimeout: Duration) {
    state.withLock { state in
      state.deadline = ContinuousClock.now + idleTimeout
      state.pausedTime = nil
      if state.isHungUp, state.socket >= 0 { shutdown(state.socket, Int32(SHUT_RD)) }
    }
  }

  /// The library is about to close the socket.
  func forgetSocket() { state.withLock { $0.socket = -1 } }
}
