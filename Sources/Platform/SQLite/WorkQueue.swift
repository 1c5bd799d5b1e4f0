import Concurrency

/// Work for threads that block until there is some.
final class WorkQueue<Job: Sendable>: Sendable {
  private struct State {
    var jobs: [Job] = []
    var isClosed = false
  }

  private let state = Locked(State())
  /// Counts jobs; may run ahead of them, never behind.
  private let available = ThreadSemaphore()
  private let consumers: Int

  /// - Parameter consumers: how many threads take jobs; each is woken at the end.
  init(consumers: Int) {
    self.consumers = consumers
  }

  /// - Returns: false if the queue has been closed; the job was not taken then.
  func append(_ job: Job) -> Bool {
    let isAccepted = state.withLock { state in
      guard !state.isClosed else { return false }
      state.jobs.append(job)
      return true
    }
    if isAccepted { available.post() }
    return isAccepted
  }

  /// Blocks until there is work. Takes the oldest jobs, `limit` at most; nil when the queue is closed and empty.
  func take(upTo limit: Int) -> [Job]? {
    while true {
      available.wait()
      let (jobs, isClosed) = state.withLock { state in
        let count = min(limit, state.jobs.count)
        let jobs = Array(state.jobs.prefix(count))
        state.jobs.removeFirst(count)
        return (jobs, state.isClosed)
      }
      // Each job was posted, or is about to be; a post that comes too late only makes one idle round.
      for _ in 0..<max(0, jobs.count - 1) { available.tryWait() }
      if !jobs.isEmpty { return jobs }
      if isClosed { return nil }
    }
  }

  /// Accepts no more jobs; those accepted are still handed out. Repeating it does nothing.
  func close() {
    let isFirst = state.withLock { state in
      defer { state.isClosed = true }
      return !state.isClosed
    }
    guard isFirst else { return }
    for _ in 0..<consumers { available.post() }
  }

  /// Takes everything that no thread has taken yet.
  func takeRest() -> [Job] {
    state.withLock { state in
      defer { state.jobs = [] }
      return state.jobs
    }
  }
}
