import Concurrency
import JSON
import SQLite
import StackModel
import Store

/// Columns as the types of records. What cannot be read is a damaged file, told with the record's name.
struct ColumnReading {
  let row: SQLiteRow
  let connection: SQLiteConnection
  /// What is being read, for messages.
  let record: String

  func time(_ column: Int) throws -> Timestamp {
    Timestamp(millisecondsSinceEpoch: try row.int64(column))
  }

  func optionalTime(_ column: Int) throws -> Timestamp? {
    try row.optionalInt64(column).map(Timestamp.init(millisecondsSinceEpoch:))
  }

  func json(_ column: Int) throws -> JSON {
    let text = try row.text(column)
    do {
      return try JSON(parsing: text, limits: Self.limits)
    } catch {
      throw damaged("\(error)")
    }
  }

  /// A value of an enum that is stored by its raw value.
  func named<Value: RawRepresentable<String>>(_ column: Int, as type: Value.Type) throws -> Value {
    let text = try row.text(column)
    guard let value = Value(rawValue: text) else { throw damaged("\"\(text)\" is no \(type)") }
    return value
  }

  func damaged(_ cause: String) -> StoreError {
    .damagedRecord(record, path: connection.path, cause: cause)
  }

  /// What was accepted once must be readable again: SQLite's own limit on a value, 1 GB, is the one that counts.
  private static let limits = JSONLimits(bytes: 1 << 30)
}
