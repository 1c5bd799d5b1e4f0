import Concurrency
import Glibc

/// Writes lines on a thread of its own, so that a full pipe stops nobody who logs. What waits is limited; what comes on top is dropped, and
/// a line tells how many were.
final class LogWriter: Sendable {
  private struct State {
    var waiting: [UInt8] = []
    var dropped = 0
    var droppedNotice: (@Sendable (Int) -> [UInt8])?
    var isWriting = false
    var isThreadRunning = false
  }

  private let descriptor: Int32
  private let limit: Int
  private let state = Locked(State())
  private let wake = Wake()

  init(descriptor: Int32, limit: Int) {
    self.descriptor = descriptor
    self.limit = limit
  }

  deinit { wake.raise() }

  /// Whether all lines are written.
  var isIdle: Bool { state.withLock { $0.waiting.isEmpty && $0.dropped == 0 && !$0.isWriting } }

  func append(_ line: [UInt8], droppedNotice: @escaping @Sendable (Int) -> [UInt8]) {
    let (startsThread, wakes) = state.withLock { state -> (Bool, Bool) in
      guard state.dropped == 0, state.waiting.count + line.count <= limit else {
        state.dropped += 1
        state.droppedNotice = droppedNotice
        return (false, false)
      }
      let wakes = state.waiting.isEmpty && !state.isWriting
      state.waiting += line
      defer { state.isThreadRunning = true }
      return (!state.isThreadRunning, wakes)
    }
    if startsThread {
      startThread(named: "log") { [descriptor, state, wake, weak self] in
        Self.run(descriptor, state, wake) { self != nil }
      }
    }
    if wakes { wake.raise() }
  }

  private static func run(
    _ descriptor: Int32, _ state: Locked<State>, _ wake: Wake, while isWanted: () -> Bool
  ) {
    // A reader that is gone costs the lines, not the program.
    var brokenPipe = sigset_t()
    sigemptyset(&brokenPipe)
    sigaddset(&brokenPipe, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &brokenPipe, nil)
    while true {
      let batch = state.withLock { state -> [UInt8] in
        var batch = state.waiting
        state.waiting = []
        // Lines are dropped until the queue is empty, so that the notice stands where they are missing.
        if state.dropped > 0, let notice = state.droppedNotice { batch += notice(state.dropped) }
        state.dropped = 0
        state.droppedNotice = nil
        state.isWriting = !batch.isEmpty
        return batch
      }
      if !batch.isEmpty {
        writeAll(batch, to: descriptor)
      } else if isWanted() {
        wake.wait()
      } else {
        return
      }
    }
  }

  /// Blocks as long as it takes. A reader that is gone for good loses the lines.
  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count > 0 {
          rest = rest.dropFirst(count)
        } else if errno == EAGAIN {
          // Somebody who shares the terminal has set it to non-blocking.
          var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&polled, 1, -1)
        } else if errno != EINTR {
          return
        }
      }
    }
  }
}

/// Lets one thread sleep until another one raises it.
///
/// Why `@unchecked Sendable` holds: the semaphore is the only content, is made for use by several threads (sem_overview(7)), stays at its
/// address, and is destroyed when nobody holds this object.
private final class Wake: @unchecked Sendable {
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() { sem_init(semaphore, 0, 0) }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func raise() { sem_post(semaphore) }

  func wait() { while sem_wait(semaphore) != 0, errno == EINTR {} }
}
