import CCurl
import Concurrency
import Glibc

/// The thread that owns libcurl: one epoll loop over all sockets (`curl_multi_socket_action`), one mailbox.
///
/// `curl_multi_poll` would be simpler, but walks all handles at every turn: with 500 open streams a request takes six
/// times as long.
///
/// Why `@unchecked Sendable` holds: `mailbox` guards itself; `wakeup` is a number that never changes and is used by other
/// threads under the mailbox's lock only, while the mailbox is open; everything else is touched by `run` and by what it
/// calls, on the one thread that `init` starts last. libcurl calls back only from within calls of that thread.
final class EventThread: @unchecked Sendable {
  enum Command: Sendable {
    case add(Transfer)
    /// Goes on with a paused transfer, in both directions; a direction that has nothing to do pauses itself again.
    case resume(Transfer)
    case remove(Transfer)
    case stop
  }

  private struct Mailbox {
    var commands: [Command] = []
    var isOpen = true
  }

  private let mailbox = Locked(Mailbox())
  private let wakeup: Int32
  private let epoll: Int32

  private let configuration: HTTPClient.Configuration
  private let multi: OpaqueHandle
  private var active: [OpaqueHandle: (transfer: Transfer, handle: CurlHandle)] = [:]
  private var handles: [ObjectIdentifier: CurlHandle] = [:]
  /// When libcurl wants to be called without an event, in monotonic milliseconds.
  private var timer: Int?
  private var idle = IdleDeadlines()

  typealias OpaqueHandle = UnsafeMutableRawPointer

  init(_ configuration: HTTPClient.Configuration) {
    self.configuration = configuration
    _ = Self.globalInitialisation
    epoll = curlshim_epoll_create()
    wakeup = curlshim_wakeup_create()
    guard epoll >= 0, wakeup >= 0, let multi = curl_multi_init() else {
      fatalError("the HTTP client cannot be set up: error \(errno); is the limit of open files used up?")
    }
    self.multi = multi
    startThread(named: "http-client") { self.run() }
  }

  /// `curl_global_init` is to be called once, before all else.
  private static let globalInitialisation: CURLcode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

  func post(_ command: Command) {
    let isOpen = mailbox.withLock { mailbox in
      guard mailbox.isOpen else { return false }
      mailbox.commands.append(command)
      if mailbox.commands.count == 1 { curlshim_wakeup_send(wakeup) }
      return true
    }
    if !isOpen, case .add(let transfer) = command { transfer.finish(.failed(Self.shutDown(transfer))) }
  }

  private static func shutDown(_ transfer: Transfer) -> HTTPClientError {
    HTTPClientError(.shutDown, "\(transfer.name): the HTTP client was shut down")
  }
}

// MARK: The loop
extension EventThread {
  private func run() {
    blockBrokenPipeSignal()
    let context = Unmanaged.passUnretained(self).toOpaque()
    _ = curlshim_multi_set_long(multi, CURLMOPT_MAXCONNECTS, configuration.keptConnections)
    _ = curlshim_multi_set_socket_function(
      multi,
      { _, descriptor, what, context, _ in
        guard let context else { return 0 }
        let thread = Unmanaged<EventThread>.fromOpaque(context).takeUnretainedValue()
        _ = curlshim_epoll_watch(thread.epoll, descriptor, what)
        return 0
      }, context)
    _ = curlshim_multi_set_timer_function(
      multi,
      { _, milliseconds, context in
        guard let context else { return 0 }
        let thread = Unmanaged<EventThread>.fromOpaque(context).takeUnretainedValue()
        thread.timer = milliseconds < 0 ? nil : MonotonicClock.milliseconds() + milliseconds
        return 0
      }, context)
    _ = curlshim_epoll_watch(epoll, wakeup, CURL_POLL_IN)

    var events = [curlshim_event](repeating: curlshim_event(), count: Int(CURLSHIM_EVENTS_AT_ONCE))
    while true {
      let count = curlshim_epoll_wait(epoll, &events, untilNextDeadline())
      for event in events[..<Int(count)] {
        if event.descriptor == wakeup {
          curlshim_wakeup_clear(wakeup)
          if !performCommands() { return }
        } else {
          act(event.descriptor, event.mask)
        }
      }
      if let due = timer, due <= MonotonicClock.milliseconds() {
        timer = nil
        act(CURL_SOCKET_TIMEOUT, 0)
      }
      collectFinished()
      endIdle()
    }
  }

  private func act(_ descriptor: Int32, _ mask: Int32) {
    var running: Int32 = 0
    curl_multi_socket_action(multi, descriptor, mask, &running)
  }

  private func untilNextDeadline() -> Int32 {
    guard let next = [timer, idle.nextCheck].compactMap({ $0 }).min() else { return -1 }
    return Int32(clamping: max(0, next - MonotonicClock.milliseconds()))
  }

  /// A write of OpenSSL to a connection that the peer has closed would end the process.
  private func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// False after `.stop`.
  private func performCommands() -> Bool {
    let commands = mailbox.withLock { mailbox in
      defer { mailbox.commands = [] }
      return mailbox.commands
    }
    for (index, command) in commands.enumerated() {
      switch command {
      case .add(let transfer): add(transfer)
      case .resume(let transfer): handles[ObjectIdentifier(transfer)]?.resume()
      case .remove(let transfer): drop(transfer)
      case .stop:
        stop(commands[index...])
        return false
      }
    }
    return true
  }
}

// MARK: Transfers
extension EventThread {
  private func add(_ transfer: Transfer) {
    // It may have been cancelled before it came here.
    if transfer.hasEnded { return }
    let handle: CurlHandle
    do {
      handle = try CurlHandle(transfer, configuration)
    } catch {
      transfer.finish(.failed(error))
      return
    }
    // libcurl holds a pointer to the handle object; these two keep it alive until `curl_multi_remove_handle`.
    active[handle.easy] = (transfer, handle)
    handles[ObjectIdentifier(transfer)] = handle
    if let timeout = transfer.request.idleTimeout { idle.add(after: timeout) }
    let code = curl_multi_add_handle(multi, handle.easy)
    if code != CURLM_OK {
      drop(transfer)
      transfer.finish(
        .failed(HTTPClientError(.other, "\(transfer.name): \(String(cString: curl_multi_strerror(code)))")))
    }
  }

  /// Not to be called from within a callback of libcurl.
  private func drop(_ transfer: Transfer) {
    guard let handle = handles.removeValue(forKey: ObjectIdentifier(transfer)) else { return }
    active[handle.easy] = nil
    curl_multi_remove_handle(multi, handle.easy)
    handle.free()
  }

  private func collectFinished() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      var code = CURLE_OK
      guard curlshim_is_done(message, &code) == 1, let easy = message.pointee.easy_handle else { continue }
      guard let (transfer, handle) = active[easy] else { continue }
      let end = handle.end(code)
      drop(transfer)
      transfer.finish(end)
    }
  }

  private func endIdle() {
    let now = MonotonicClock.milliseconds()
    guard idle.isDue(now) else { return }
    for (transfer, handle) in active.values {
      guard let timeout = transfer.request.idleTimeout else { continue }
      if handle.isPaused { handle.lastByte = now }
      if idle.check(lastByte: handle.lastByte, timeout: timeout, now: now) {
        drop(transfer)
        transfer.finish(.failed(HTTPClientError(.timeout, "\(transfer.name): no byte came for \(timeout)")))
      }
    }
  }

  private func stop(_ unread: ArraySlice<Command>) {
    let rest = mailbox.withLock { mailbox in
      mailbox.isOpen = false
      defer { mailbox.commands = [] }
      return mailbox.commands
    }
    for case .add(let transfer) in unread + rest { transfer.finish(.failed(Self.shutDown(transfer))) }
    for (transfer, _) in active.values {
      drop(transfer)
      transfer.finish(.failed(Self.shutDown(transfer)))
    }
    curl_multi_cleanup(multi)
    close(epoll)
    close(wakeup)
  }
}
