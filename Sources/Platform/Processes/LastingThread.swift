import Concurrency

/// A thread that lives as long as this program and starts processes.
///
/// A child's parent-death signal (`PR_SET_PDEATHSIG`) fires when the *thread* that started it ends, and threads of Swift's
/// pool end when they are idle. Started from here, it fires when this program ends.
package final class LastingThread: Sendable {
  private struct Order: Sendable {
    let specification: ProcessSpecification
    let started: Promise<Result<RunningProcess, ProcessError>>
  }

  package static let shared = LastingThread()

  private let orders = Locked<[Order]>([])
  private let waiting = ThreadSemaphore()

  private init() {
    startThread(named: "spawner") { [self] in
      while true {
        waiting.wait()
        guard let order = orders.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { continue }
        order.started.keep(Self.start(order.specification))
      }
    }
  }

  /// What `ProcessReactor.spawn` does, from this thread and without keeping the caller's.
  package func spawn(_ specification: ProcessSpecification) async throws(ProcessError) -> RunningProcess {
    let order = Order(specification: specification, started: Promise())
    orders.withLock { $0.append(order) }
    waiting.post()
    return try await order.started.value().get()
  }

  private static func start(_ specification: ProcessSpecification) -> Result<RunningProcess, ProcessError> {
    do throws(ProcessError) {
      return .success(try ProcessReactor.shared.spawn(specification))
    } catch {
      return .failure(error)
    }
  }
}
