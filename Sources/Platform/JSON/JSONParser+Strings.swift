extension JSONParser {
  /// Reads a string; the position is at its opening quote.
  mutating func parseString() throws(JSONParseError) -> String {
    let opening = position
    position += 1
    let start = position
    skipPlainCharacters()
    // Most strings have no escape: one validated copy from the text.
    if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
      defer { position += 1 }
      return try validated(UnsafeBufferPointer(rebasing: bytes[start..<position]), at: start)
    }
    var decoded: [UInt8] = []
    var runStart = start
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        decoded.append(contentsOf: bytes[runStart..<position])
        let text = try decoded.withUnsafeBufferPointerTyped { (buffer) throws(JSONParseError) in
          try validated(buffer, at: start)
        }
        position += 1
        return text
      case UInt8(ascii: "\\"):
        decoded.append(contentsOf: bytes[runStart..<position])
        try parseEscape(into: &decoded)
        runStart = position
      default:
        throw error("a control character must be written as an escape in a string, not as \(found)")
      }
      skipPlainCharacters()
    }
    throw error("the string that starts here has no closing quote", at: opening)
  }

  private mutating func skipPlainCharacters() {
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { return }
      position &+= 1
    }
  }

  private func validated(_ buffer: UnsafeBufferPointer<UInt8>, at start: Int) throws(JSONParseError) -> String {
    guard let text = String(validating: buffer, as: UTF8.self) else {
      throw error("the string that starts here is not valid UTF-8", at: start)
    }
    return text
  }

  private mutating func parseEscape(into decoded: inout [UInt8]) throws(JSONParseError) {
    let start = position
    position += 1
    guard position < bytes.count else { throw error("the text ends in an escape", at: start) }
    let kind = bytes[position]
    position += 1
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(kind)
    case UInt8(ascii: "b"): decoded.append(0x08)
    case UInt8(ascii: "f"): decoded.append(0x0C)
    case UInt8(ascii: "n"): decoded.append(0x0A)
    case UInt8(ascii: "r"): decoded.append(0x0D)
    case UInt8(ascii: "t"): decoded.append(0x09)
    case UInt8(ascii: "u"): decoded.append(contentsOf: String(try parseUnicodeEscape(from: start)).utf8)
    default: throw error("JSON has no such escape", at: start)
    }
  }

  /// Reads what follows `\u`: one scalar, which may take a pair of surrogates.
  private mutating func parseUnicodeEscape(from start: Int) throws(JSONParseError) -> Unicode.Scalar {
    var value = try parseHexDigits(from: start)
    if value & 0xFC00 == 0xD800 {
      guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
        throw error("this is half of a surrogate pair, its other half is missing", at: start)
      }
      let low = try parseHexDigits(from: start)
      guard low & 0xFC00 == 0xDC00 else {
        throw error("the second half of this surrogate pair is not one", at: start)
      }
      value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else {
      throw error("this is the second half of a surrogate pair without the first", at: start)
    }
    return scalar
  }

  private mutating func parseHexDigits(from start: Int) throws(JSONParseError) -> UInt32 {
    guard position + 4 <= bytes.count else { throw error("the text ends in an escape", at: start) }
    var value: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw error("four hexadecimal digits are expected after \\u", at: start)
      }
      value = value << 4 | UInt32(digit)
    }
    position += 4
    return value
  }
}

extension Array {
  /// `withUnsafeBufferPointer` that keeps the type of a thrown error.
  fileprivate func withUnsafeBufferPointerTyped<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let result = withUnsafeBufferPointer { buffer -> Swift.Result<Result, Failure> in
      do throws(Failure) {
        return .success(try body(buffer))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
