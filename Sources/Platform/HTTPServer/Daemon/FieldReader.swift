import CMicroHTTPD
import HTTPTypes

/// Reads the fields of a request from the library, and looks at how they lie in its buffer: what the library took without
/// a word, and a proxy in front may have understood differently, shows there and nowhere else.
struct FieldReader {
  enum Result {
    case read(HTTPFields)
    /// Why the request is refused.
    case refused(String)
  }

  private var fields = HTTPFields()
  private var refusal: String?
  /// Where the next line has to begin.
  private var next: UnsafePointer<CChar>?

  private static let hidden =
    "the request's head has a NUL, a line that goes on in the next one, or a line that does not end with CR LF"

  /// - Parameter next: where the line behind the first one begins.
  static func fields(of connection: OpaquePointer, from next: UnsafePointer<CChar>?) -> Result {
    var reader = FieldReader(next: next)
    withUnsafeMutablePointer(to: &reader) { pointer in
      _ = MHD_get_connection_values_n(
        connection, mhd_header_kind,
        { reader, _, name, nameSize, value, valueSize in
          guard let reader = reader?.assumingMemoryBound(to: FieldReader.self), let name else { return MHD_Result.NO }
          return reader.pointee.read(name, nameSize, value, valueSize) ? MHD_Result.YES : MHD_Result.NO
        }, pointer)
    }
    if let refusal = reader.refusal { return .refused(refusal) }
    // The empty line that ends the head: a line that begins with a NUL would be taken for it.
    if !reader.fields.isEmpty, !mhd_is_end_of_head(reader.next) { return .refused(hidden) }
    return .read(reader.fields)
  }

  private mutating func read(
    _ name: UnsafePointer<CChar>, _ nameSize: Int, _ value: UnsafePointer<CChar>?, _ valueSize: Int
  ) -> Bool {
    guard let value, mhd_is_field_line(name, nameSize, value, valueSize, &next) else {
      refusal = Self.hidden
      return false
    }
    guard
      let name = String(validating: UnsafeRawBufferPointer(start: name, count: nameSize), as: UTF8.self),
      let value = String(validating: UnsafeRawBufferPointer(start: value, count: valueSize), as: UTF8.self)
    else {
      refusal = "a header field is not valid UTF-8"
      return false
    }
    fields.append(name, value)
    return true
  }
}
