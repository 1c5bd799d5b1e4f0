/// The row a statement stands on. Valid only inside the closure that it is given to.
///
/// Columns count from 0. A column that holds another type than the one asked for throws (code `.mismatch`) instead of
/// being converted: a damaged file must not turn into plausible values.
package struct SQLiteRow {
  let statement: SQLiteStatement

  package func value(_ column: Int) -> SQLiteValue { statement.value(at: column) }

  package func int64(_ column: Int) throws(SQLiteError) -> Int64 {
    guard case .integer(let number) = value(column) else { throw statement.mismatch(at: column, wanted: "integer") }
    return number
  }

  package func int(_ column: Int) throws(SQLiteError) -> Int { Int(try int64(column)) }

  package func bool(_ column: Int) throws(SQLiteError) -> Bool { try int64(column) != 0 }

  package func double(_ column: Int) throws(SQLiteError) -> Double {
    switch value(column) {
    case .real(let number): return number
    case .integer(let number): return Double(number)
    default: throw statement.mismatch(at: column, wanted: "number")
    }
  }

  package func text(_ column: Int) throws(SQLiteError) -> String {
    guard case .text(let text) = value(column) else { throw statement.mismatch(at: column, wanted: "text") }
    return text
  }

  package func blob(_ column: Int) throws(SQLiteError) -> [UInt8] {
    guard case .blob(let bytes) = value(column) else { throw statement.mismatch(at: column, wanted: "blob") }
    return bytes
  }

  package func isNull(_ column: Int) -> Bool { value(column) == .null }

  package func optionalInt64(_ column: Int) throws(SQLiteError) -> Int64? {
    isNull(column) ? nil : try int64(column)
  }

  package func optionalInt(_ column: Int) throws(SQLiteError) -> Int? {
    isNull(column) ? nil : try int(column)
  }

  package func optionalDouble(_ column: Int) throws(SQLiteError) -> Double? {
    isNull(column) ? nil : try double(column)
  }

  package func optionalText(_ column: Int) throws(SQLiteError) -> String? {
    isNull(column) ? nil : try text(column)
  }

  package func optionalBlob(_ column: Int) throws(SQLiteError) -> [UInt8]? {
    isNull(column) ? nil : try blob(column)
  }
}
