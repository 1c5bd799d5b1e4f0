import Concurrency

/// The one connection that writes, on a thread of its own.
///
/// Commits are grouped: all writes that wait when the thread is free become one transaction and so one fsync. Where one
/// fails, they are made again, each in a savepoint of its own, so that it undoes only itself. Callers are answered after the COMMIT.
package final class SQLiteWriter: Sendable {
  private struct Job: Sendable {
    /// Does the work; what it returns answers the caller after the commit.
    let perform: @Sendable (SQLiteConnection) throws -> @Sendable () -> Void
    let fail: @Sendable (any Error) -> Void
  }

  private let path: String
  private let queue = WorkQueue<Job>(consumers: 1)
  private let end = ThreadEnd(threads: 1)

  /// Bounds how long the first of a batch waits for the last.
  private static let batchLimit = 512

  private init(path: String) {
    self.path = path
  }

  /// Starts the thread, which opens its connection by `connect`.
  static func start(
    path: String, connect: @escaping @Sendable () throws -> SQLiteConnection
  ) async throws -> SQLiteWriter {
    let writer = SQLiteWriter(path: path)
    let queue = writer.queue
    let end = writer.end
    try await withCheckedThrowingContinuation { (opened: CheckedContinuation<Void, any Error>) in
      startThread(named: "sqlite-writer") {
        run(queue, connect: connect, opened: opened)
        end.threadEnded()
      }
    }
    return writer
  }

  /// Runs `body` on the writer's thread and returns once what it did is durable.
  ///
  /// `body` may run again, where a neighbour's error had undone the transaction that they shared; it must have no effect but
  /// on the database. An error that it throws undoes what it did and is thrown here. Cancelling the calling task changes
  /// nothing: an accepted write is always made.
  ///
  /// - Throws: what `body` throws, or `SQLiteError`.
  @discardableResult
  package func write<Result: Sendable>(
    _ body: @escaping @Sendable (SQLiteConnection) throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { (caller: CheckedContinuation<Result, any Error>) in
      let job = Job(
        perform: { connection in
          let result = try body(connection)
          return { caller.resume(returning: result) }
        },
        fail: { caller.resume(throwing: $0) })
      if !queue.append(job) { caller.resume(throwing: SQLiteError.closed(path)) }
    }
  }

  /// Accepts no more writes. Those accepted are still made.
  func beginClosing() {
    queue.close()
  }

  /// Returns once the last accepted write has been answered and the connection is closed.
  func close() async {
    queue.close()
    await end.wait()
  }

  private static func run(
    _ queue: WorkQueue<Job>, connect: @Sendable () throws -> SQLiteConnection,
    opened: CheckedContinuation<Void, any Error>
  ) {
    let connection: SQLiteConnection
    do {
      connection = try connect()
    } catch {
      queue.close()
      opened.resume(throwing: error)
      return
    }
    opened.resume()
    while let batch = queue.take(upTo: batchLimit) {
      if batch.count == 1 { commitAlone(batch[0], on: connection) } else { commit(batch, on: connection) }
    }
  }

  private static func commitAlone(_ job: Job, on connection: SQLiteConnection) {
    let reply: @Sendable () -> Void
    do {
      reply = try connection.transaction { try job.perform(connection) }
    } catch {
      job.fail(error)
      return
    }
    reply()
  }

  private static func commit(_ batch: [Job], on connection: SQLiteConnection) {
    // Savepoints only where one of them fails, which is rare: they cost each of them.
    for isSaving in [false, true] {
      do {
        try connection.execute("BEGIN IMMEDIATE")
      } catch {
        for job in batch { job.fail(error) }
        return
      }
      if let replies = finish(batch, on: connection, isSaving: isSaving) {
        // Errors too are answered only now: they may rest on what a neighbour had written just before.
        for reply in replies { reply() }
        return
      }
    }
    // Nothing of the batch has been stored, because of a serious error of one of them or of the commit itself. Who is
    // not to blame gets through alone; the others are told their own reason.
    for job in batch { commitAlone(job, on: connection) }
  }

  /// Does the work of the transaction that has begun, and commits it.
  ///
  /// - Parameter isSaving: whether one that fails is undone by itself; else all are.
  /// - Returns: the answers, or nil if the transaction is gone and nothing was stored.
  private static func finish(
    _ batch: [Job], on connection: SQLiteConnection, isSaving: Bool
  ) -> [@Sendable () -> Void]? {
    var replies: [@Sendable () -> Void] = []
    replies.reserveCapacity(batch.count)
    do {
      for job in batch {
        replies.append(isSaving ? attempt(job, on: connection) : try job.perform(connection))
        guard connection.isInTransaction else { return nil }
      }
      try connection.execute("COMMIT")
      return replies
    } catch {
      connection.rollBack()
      return nil
    }
  }

  private static func attempt(_ job: Job, on connection: SQLiteConnection) -> @Sendable () -> Void {
    do {
      return try connection.savepoint { try job.perform(connection) }
    } catch {
      return { job.fail(error) }
    }
  }
}
