/// A recursive descent over bytes.
struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  let limits: JSONLimits
  var position = 0
  private var depth = 0

  init(bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  mutating func parseDocument(mayBeFollowed: Bool) throws(JSONParseError) -> JSON {
    guard bytes.count <= limits.bytes else {
      throw error("the text has \(bytes.count) bytes, more than the \(limits.bytes) allowed")
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw error("the text starts with a byte order mark; remove it") }
    let value = try parseValue()
    if mayBeFollowed { return value }
    skipWhiteSpace()
    if position < bytes.count { throw error("the value has ended, nothing may follow it, not \(found)") }
    return value
  }

  private mutating func parseValue() throws(JSONParseError) -> JSON {
    skipWhiteSpace()
    guard position < bytes.count else { throw error("a value is expected here, not the end of the text") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try parseObject()
    case UInt8(ascii: "["): return try parseArray()
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
    case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
    default: throw error("a value is expected here, not \(found)")
    }
  }

  private mutating func enter() throws(JSONParseError) {
    depth += 1
    if depth > limits.depth { throw error("arrays and objects are nested deeper than \(limits.depth) levels") }
    position += 1
    skipWhiteSpace()
  }

  private mutating func parseObject() throws(JSONParseError) -> JSON {
    try enter()
    var object = JSONObject()
    if take(UInt8(ascii: "}")) {
      depth -= 1
      return .object(object)
    }
    while true {
      skipWhiteSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw error("a member's name in double quotes is expected here, not \(found)")
      }
      let place = position
      let key = try parseString()
      if limits.uniqueNames, object[key] != nil {
        throw error("the name \(key.debugDescription) occurs twice in one object", at: place)
      }
      skipWhiteSpace()
      guard take(UInt8(ascii: ":")) else { throw error("a colon is expected here, not \(found)") }
      object[key] = try parseValue()
      skipWhiteSpace()
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "}")) else { throw error("a comma or } is expected here, not \(found)") }
      depth -= 1
      return .object(object)
    }
  }

  private mutating func parseArray() throws(JSONParseError) -> JSON {
    try enter()
    var array: [JSON] = []
    if take(UInt8(ascii: "]")) {
      depth -= 1
      return .array(array)
    }
    while true {
      array.append(try parseValue())
      skipWhiteSpace()
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "]")) else { throw error("a comma or ] is expected here, not \(found)") }
      depth -= 1
      return .array(array)
    }
  }

  private mutating func parseWord(_ word: StaticString, _ value: JSON) throws(JSONParseError) -> JSON {
    let start = position
    for offset in 0..<word.utf8CodeUnitCount {
      guard position < bytes.count, bytes[position] == word.utf8Start[offset] else {
        position = start
        throw error("\(word) is spelled wrong or cut off")
      }
      position += 1
    }
    return value
  }

  mutating func skipWhiteSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position &+= 1
      default: return
      }
    }
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  /// What stands at the position, for messages.
  var found: String {
    guard position < bytes.count else { return "the end of the text" }
    let byte = bytes[position]
    if byte == UInt8(ascii: "\"") { return "a string" }
    if byte >= 0x20, byte < 0x7F { return "\"\(Character(Unicode.Scalar(byte)))\"" }
    return "the byte 0x\(String(byte, radix: 16, uppercase: true))"
  }

  func error(_ reason: String) -> JSONParseError { error(reason, at: position) }

  func error(_ reason: String, at offset: Int) -> JSONParseError {
    JSONParseError(reason: reason, offset: offset, in: bytes)
  }
}
