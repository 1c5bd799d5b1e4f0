import CPosix
import Concurrency
import Glibc

/// One thread with one epoll: tells when a descriptor can be read or written, has ended, or (a pidfd) when its process has.
final class EventLoop: Sendable {
  /// Called on the loop's thread, again for as long as the descriptor stays ready; must not block. `false` ends the watch.
  typealias Handler = @Sendable () -> Bool

  enum Readiness { case reading, writing }

  struct Token: Hashable { fileprivate let number: UInt64 }

  private struct Watch {
    let descriptor: Descriptor  // stays open as long as it is watched
    let handler: Handler
  }

  private struct State {
    var watches: [UInt64: Watch] = [:]
    var lastToken: UInt64 = 0
  }

  private let epoll: Descriptor
  private let state = Locked(State())

  static let shared = EventLoop()

  private init() {
    let number = cposix_epoll_create()
    precondition(number >= 0, "cannot make an epoll: error \(errno)")
    epoll = Descriptor(owning: number)
    startThread(named: "processes") { [self] in run() }
  }

  /// A descriptor can have one watch at a time; a duplicate of it can have another.
  /// - Throws: when the descriptor cannot be watched (a regular file, or the system's limit).
  @discardableResult
  func watch(
    _ descriptor: Descriptor, for readiness: Readiness = .reading, _ handler: @escaping Handler
  ) throws(ProcessError) -> Token {
    let token = state.withLock { state in
      state.lastToken += 1
      state.watches[state.lastToken] = Watch(descriptor: descriptor, handler: handler)
      return state.lastToken
    }
    let code =
      switch readiness {
      case .reading: cposix_epoll_add_reader(epoll.number, descriptor.number, token)
      case .writing: cposix_epoll_add_writer(epoll.number, descriptor.number, token)
      }
    guard code == 0 else {
      let error = ProcessError.system("watch a descriptor")
      state.withLock { $0.watches[token] = nil }
      throw error
    }
    return Token(number: token)
  }

  /// The handler may run once more if it runs at this moment.
  func forget(_ token: Token) {
    let watch = state.withLock { $0.watches.removeValue(forKey: token.number) }
    if let watch { _ = cposix_epoll_remove(epoll.number, watch.descriptor.number) }
  }

  private func run() -> Never {
    var tokens = [UInt64](repeating: 0, count: 64)
    while true {
      let count = cposix_epoll_wait(epoll.number, &tokens, Int32(tokens.count), -1)
      precondition(count >= 0 || errno == EINTR, "epoll_wait failed with error \(errno)")
      for token in tokens.prefix(max(0, Int(count))) {
        let watch = state.withLock { $0.watches[token] }
        if let watch, !watch.handler() { forget(Token(number: token)) }
      }
    }
  }
}
