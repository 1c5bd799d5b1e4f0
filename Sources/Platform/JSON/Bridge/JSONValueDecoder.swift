func decodeFromJSON<T: Decodable>(_ type: T.Type, _ decoder: JSONValueDecoder) throws -> T {
  if type == JSON.self, let json = decoder.value as? T { return json }
  do {
    return try T(from: decoder)
  } catch {
    throw JSONDecodingError(error, at: decoder.codingPath)
  }
}

/// One JSON value as a decoder, and the readings of it that the containers share.
struct JSONValueDecoder: Decoder {
  let value: JSON
  private let parentPath: [any CodingKey]
  /// Its key in its parent, kept apart because most values are read without anyone asking for their path.
  private let key: (any CodingKey)?

  init(value: JSON, in parentPath: [any CodingKey] = [], at key: (any CodingKey)? = nil) {
    self.value = value
    self.parentPath = parentPath
    self.key = key
  }

  var codingPath: [any CodingKey] { key.map { parentPath + [$0] } ?? parentPath }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let object) = value else { throw mismatch("an object") }
    return KeyedDecodingContainer(JSONKeyedDecoding<Key>(object: object, codingPath: codingPath))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let elements) = value else { throw mismatch("an array") }
    return JSONUnkeyedDecoding(elements: elements, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { JSONSingleDecoding(decoder: self) }

  func mismatch(_ expected: String) -> JSONDecodingError {
    JSONDecodingError(codingPath, "\(expected) is expected, not \(value.kindDescription)")
  }

  func bool() throws -> Bool {
    guard case .bool(let value) = value else { throw mismatch("a boolean") }
    return value
  }

  func string() throws -> String {
    guard case .string(let value) = value else { throw mismatch("a string") }
    return value
  }

  func double() throws -> Double {
    guard let number = value.doubleValue else {
      if case .bigNumber(let text) = value { throw JSONDecodingError(codingPath, "\(text) is too large for a number") }
      throw mismatch("a number")
    }
    return number
  }

  func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
    let number: Number?
    switch value {
    case .integer(let value): number = Number(exactly: value)
    case .number(let value): number = Number(exactly: value)
    case .bigNumber(let text): number = Number(text)
    default: throw mismatch("an integer")
    }
    guard let number else {
      throw JSONDecodingError(
        codingPath, "an integer between \(Number.min) and \(Number.max) is expected, not \(value.text)")
    }
    return number
  }
}

struct JSONSingleDecoding: SingleValueDecodingContainer {
  let decoder: JSONValueDecoder
  var codingPath: [any CodingKey] { decoder.codingPath }

  func decodeNil() -> Bool { decoder.value.isNull }
  func decode(_ type: Bool.Type) throws -> Bool { try decoder.bool() }
  func decode(_ type: String.Type) throws -> String { try decoder.string() }
  func decode(_ type: Double.Type) throws -> Double { try decoder.double() }
  func decode(_ type: Float.Type) throws -> Float { Float(try decoder.double()) }
  func decode(_ type: Int.Type) throws -> Int { try decoder.integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try decoder.integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try decoder.integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try decoder.integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try decoder.integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try decoder.integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try decoder.integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try decoder.integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try decoder.integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try decoder.integer(type) }

  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    try decodeFromJSON(type, decoder)
  }
}
