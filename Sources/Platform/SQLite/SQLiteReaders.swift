import Concurrency

/// A few read-only connections, each on a thread of its own, that share one queue.
package final class SQLiteReaders: Sendable {
  private struct Job: Sendable {
    let perform: @Sendable (SQLiteConnection) -> Void
    let fail: @Sendable (any Error) -> Void
  }

  private let path: String
  private let queue: WorkQueue<Job>
  private let end: ThreadEnd
  private let interrupters = Locked<[SQLiteInterrupter]>([])

  private init(path: String, threads: Int) {
    self.path = path
    queue = WorkQueue(consumers: threads)
    end = ThreadEnd(threads: threads)
  }

  /// Starts the threads, each of which opens its connection by `connect`.
  static func start(
    path: String, threads: Int, connect: @escaping @Sendable () throws -> SQLiteConnection
  ) async throws -> SQLiteReaders {
    let readers = SQLiteReaders(path: path, threads: threads)
    var failure: (any Error)?
    for _ in 0..<threads {
      do {
        try await readers.startThread(connect)
      } catch {
        failure = error
        // Its threads must all have ended before the files may be touched again.
        readers.queue.close()
      }
    }
    if let failure {
      await readers.close()
      throw failure
    }
    return readers
  }

  private func startThread(_ connect: @escaping @Sendable () throws -> SQLiteConnection) async throws {
    // The threads must not keep this object alive: dropping it without `close` ends them too.
    let (queue, end, interrupters) = (queue, end, interrupters)
    try await withCheckedThrowingContinuation { (opened: CheckedContinuation<Void, any Error>) in
      Concurrency.startThread(named: "sqlite-reader") {
        Self.run(queue, interrupters, connect: connect, opened: opened)
        end.threadEnded()
      }
    }
  }

  /// Runs `body` on a reader's thread with one consistent view of the database, which holds everything that was durable
  /// before the call.
  ///
  /// Reads do not wait for writes, nor writes for reads. A write in `body` fails with `.readOnly`.
  ///
  /// - Throws: what `body` throws, or `SQLiteError`.
  package func read<Result: Sendable>(
    _ body: @escaping @Sendable (SQLiteConnection) throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { (caller: CheckedContinuation<Result, any Error>) in
      let job = Job(
        perform: { connection in
          caller.resume(with: Swift.Result { try connection.snapshot { try body(connection) } })
        },
        fail: { caller.resume(throwing: $0) })
      if !queue.append(job) { caller.resume(throwing: SQLiteError.closed(path)) }
    }
  }

  /// Accepts no more reads, stops those under way (`.interrupted`), and answers the waiting ones with `.closed`.
  func beginClosing() {
    queue.close()
    for job in queue.takeRest() { job.fail(SQLiteError.closed(path)) }
    for interrupter in interrupters.withLock({ $0 }) { interrupter.interrupt() }
  }

  /// Returns once all connections are closed.
  func close() async {
    beginClosing()
    await end.wait()
  }

  private static func run(
    _ queue: WorkQueue<Job>, _ interrupters: Locked<[SQLiteInterrupter]>,
    connect: @Sendable () throws -> SQLiteConnection, opened: CheckedContinuation<Void, any Error>
  ) {
    let connection: SQLiteConnection
    do {
      connection = try connect()
    } catch {
      opened.resume(throwing: error)
      return
    }
    interrupters.withLock { $0.append(connection.interrupter) }
    opened.resume()
    while let jobs = queue.take(upTo: 1) {
      for job in jobs { job.perform(connection) }
    }
  }
}
