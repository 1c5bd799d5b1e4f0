import CMicroHTTPD
import Concurrency
import Glibc

extension Daemon {
  /// Handlers that ignore their cancellation are not waited for longer than this.
  private static let patience = Duration.seconds(5)

  /// The order matters: the library aborts the process if it is stopped while a connection is suspended.
  func stop(drainingFor duration: Duration) async {
    state.withLock { $0.isDraining = true }

    // 1. No new connections.
    await acceptor.stop()
    guard let handle = state.withLock({ SendableHandle($0.handle) }) else { return }

    // 2. Time for what is under way.
    if duration > .zero { await waitUntilIdle(atMost: duration) }

    // 3. Nothing may be suspended any more: aborted exchanges resume and refuse to be suspended again.
    let exchanges = state.withLock { state in
      state.isStopping = true
      return Array(state.exchanges.values)
    }
    for exchange in exchanges { exchange.abort() }

    // 4. The library joins its thread, which must not block a thread of the pool.
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      startThread(named: "http-stop") {
        MHD_stop_daemon(handle.pointer)
        continuation.resume()
      }
    }
    watch.end()
    state.withLock { state in
      state.handle = nil
      state.memory = nil
    }

    // 5. The handlers have been cancelled; their end is the server's end.
    await waitUntilIdle(atMost: Self.patience)
    // The reference that the library's callbacks used.
    Unmanaged.passUnretained(self).release()
  }

  private func waitUntilIdle(atMost duration: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.waitUntilIdle() }
      group.addTask {
        try? await Task.sleep(for: duration)
        self.wakeIdleWaiters()
      }
      await group.next()
      group.cancelAll()
    }
  }

  private func waitUntilIdle() async {
    await withCheckedContinuation { continuation in
      let isIdle = state.withLock { state in
        if state.exchanges.isEmpty { return true }
        state.whenIdle.append(continuation)
        return false
      }
      if isIdle { continuation.resume() }
    }
  }

  /// The time is over (or the waiting was): whoever waits goes on.
  private func wakeIdleWaiters() {
    let waiting = state.withLock { state in
      defer { state.whenIdle = [] }
      return state.whenIdle
    }
    for continuation in waiting { continuation.resume() }
  }
}

/// `@unchecked Sendable`: the library's daemon may be used from any thread; only `stop` uses it, step by step.
private struct SendableHandle: @unchecked Sendable {
  let pointer: OpaquePointer

  init?(_ pointer: OpaquePointer?) {
    guard let pointer else { return nil }
    self.pointer = pointer
  }
}
