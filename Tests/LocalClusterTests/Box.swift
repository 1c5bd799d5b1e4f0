import Concurrency
import SQLite

/// A value handed out of a closure.
final class Box<Value: Sendable>: Sendable {
  private let content: Locked<Value>

  init(_ value: Value) { content = Locked(value) }

  var value: Value { content.withLock { $0 } }
  func set(_ value: Value) { content.withLock { $0 = value } }
}

/// A database as a later version would leave it.
enum NewerSchema {
  static func write(_ path: String) async throws {
    let database = try await SQLiteDatabase.open(path)
    try await database.write { try $0.executeScript("PRAGMA user_version = 1000") }
    await database.close()
  }
}
