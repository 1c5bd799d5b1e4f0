/// A JSON value (RFC 8259) that keeps what it was given: the order of an object's members, integers apart from
/// decimals, and the digits of numbers that neither `Int64` nor `Double` can hold.
///
/// `==` is strict: order counts, and 1 is not 1.0; `isEquivalent(to:)` compares what JSON means.
package enum JSON: Sendable, Hashable {
  case null
  case bool(Bool)
  /// A number without fraction and exponent.
  case integer(Int64)
  /// A number with a fraction or an exponent. JSON has no infinity and no NaN: they are printed as `null`.
  case number(Double)
  /// The text of a number that the two others cannot hold, e.g. `18446744073709551616` or `1e400`.
  case bigNumber(String)
  case string(String)
  case array([JSON])
  case object(JSONObject)
}

extension JSON {
  /// The member of an object; nil if there is none or this is no object.
  package subscript(key: String) -> JSON? {
    guard case .object(let object) = self else { return nil }
    return object[key]
  }

  /// The element of an array; nil if there is none or this is no array.
  package subscript(index: Int) -> JSON? {
    guard case .array(let array) = self, array.indices.contains(index) else { return nil }
    return array[index]
  }

  package var isNull: Bool {
    if case .null = self { true } else { false }
  }

  package var boolValue: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  /// The number if it is integral and fits, also when it was written as `3.0`.
  package var intValue: Int? {
    switch self {
    case .integer(let value): Int(value)
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// Any number, to the nearest `Double`; nil where that would be infinite.
  package var doubleValue: Double? {
    switch self {
    case .integer(let value): return Double(value)
    case .number(let value): return value
    case .bigNumber(let text):
      guard let value = Double(text), value.isFinite else { return nil }
      return value
    default: return nil
    }
  }

  package var stringValue: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }

  package var arrayValue: [JSON]? {
    guard case .array(let value) = self else { return nil }
    return value
  }

  package var objectValue: JSONObject? {
    guard case .object(let value) = self else { return nil }
    return value
  }

  /// What the value is, for messages: `a string`, `an object`.
  package var kindDescription: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer, .number, .bigNumber: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
