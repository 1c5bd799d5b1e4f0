import Concurrency

/// The one connection that writes, on a thread of its own.
///
/// Commits are grouped: all writes that wait when the thread is free become one transaction and so one fsync. One that fails is
/// made again apart from those before and behind it, so that it undoes only itself. Callers are answered after the COMMIT.
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
      commit(batch[...], on: connection)
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

  private static func commit(_ batch: ArraySlice<Job>, on connection: SQLiteConnection) {
    var rest = batch
    while let first = rest.first {
      guard rest.count > 1 else { return commitAlone(first, on: connection) }
      do {
        try connection.execute("BEGIN IMMEDIATE")
      } catch {
        for job in rest { job.fail(error) }
        return
      }
      switch finish(rest, on: connection) {
      case .stored(let replies):
        for reply in replies { reply() }
        return
      case .refused(let index):
        // Its error may rest on what its neighbours had written just before: they come first, and it is asked again.
        commit(rest[..<index], on: connection)
        commitAlone(rest[index], on: connection)
        rest = rest[(index + 1)...]
      case .notCommitted:
        // Who is not to blame gets through alone; the others are told their own reason.
        for job in rest { commitAlone(job, on: connection) }
        return
      }
    }
  }

  private enum BatchEnd {
    case stored([@Sendable () -> Void])
    /// Nothing was stored, because of the job at this index.
    case refused(Int)
    /// Nothing was stored, because the commit failed.
    case notCommitted
  }

  /// Does the work of the transaction that has begun, and commits it.
  private static func finish(_ batch: ArraySlice<Job>, on connection: SQLiteConnection) -> BatchEnd {
    var replies: [@Sendable () -> Void] = []
    replies.reserveCapacity(batch.count)
    for (index, job) in zip(batch.indices, batch) {
      do {
        replies.append(try job.perform(connection))
      } catch {
        connection.rollBack()
        return .refused(index)
      }
    }
    do {
      try connection.execute("COMMIT")
      return .stored(replies)
    } catch {
      connection.rollBack()
      return .notCommitted
    }
  }
}
