extension JSON {
  /// Reads exactly one JSON value with white space around it (RFC 8259): strict UTF-8, no byte order mark, no comments,
  /// no trailing commas. Of members with the same name the last wins, unless the limits want different ones.
  package init(parsing bytes: [UInt8], limits: JSONLimits = .default) throws(JSONParseError) {
    self = try Self.parse(bytes, limits, mayBeFollowed: false)
  }

  /// Reads one JSON value from a string. Errors count bytes of its UTF-8 form.
  package init(parsing text: String, limits: JSONLimits = .default) throws(JSONParseError) {
    self = try JSON(parsing: Array(text.utf8), limits: limits)
  }

  /// Reads the value that the bytes begin with; what follows it is not looked at, as stream decoders do.
  package init(parsingFirstOf bytes: [UInt8], limits: JSONLimits = .default) throws(JSONParseError) {
    self = try Self.parse(bytes, limits, mayBeFollowed: true)
  }

  private static func parse(
    _ bytes: [UInt8], _ limits: JSONLimits, mayBeFollowed: Bool
  ) throws(JSONParseError) -> JSON {
    // The closure hands out a Result, because `withUnsafeBufferPointer` does not keep the type of an error.
    let result = bytes.withUnsafeBufferPointer { buffer -> Result<JSON, JSONParseError> in
      var parser = JSONParser(bytes: buffer, limits: limits)
      do throws(JSONParseError) {
        return .success(try parser.parseDocument(mayBeFollowed: mayBeFollowed))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
