import HTTPServer
import JSON

/// The body of a request of the original's API, read as Go's `encoding/json` reads into a struct: names without regard
/// to case, unknown ones ignored, `null` the same as nothing, and what follows the value not looked at.
struct OriginalRequest: Sendable {
  enum Field<Value: Sendable>: Sendable {
    case missing
    case value(Value)
    case wrongType(found: String)
  }

  private let object: JSONObject
  var json: JSON { .object(object) }
  /// Why the body is no JSON object; the original's handlers partly ignore it.
  let failure: String?

  init(_ body: [UInt8]) {
    if body.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) {
      object = [:]
      failure = "EOF"
      return
    }
    do {
      switch try JSON(parsingFirstOf: body) {
      case .object(let object):
        self.object = object
        failure = nil
      case .null:
        object = [:]
        failure = nil
      case let other:
        object = [:]
        failure = "json: cannot unmarshal \(Self.goKind(other)) into Go value of an object"
      }
    } catch {
      object = [:]
      failure = error.description
    }
  }

  /// The last member with this name that is not null.
  private func member(_ name: String) -> JSON? {
    object.last { $0.key.lowercased() == name && !$0.value.isNull }?.value
  }

  private func field<Value: Sendable>(_ name: String, _ read: (JSON) -> Value?) -> Field<Value> {
    guard let member = member(name) else { return .missing }
    return read(member).map { .value($0) } ?? .wrongType(found: Self.goKind(member))
  }

  func string(_ name: String) -> Field<String> { field(name, \.stringValue) }
  func bool(_ name: String) -> Field<Bool> { field(name, \.boolValue) }

  func integer(_ name: String) -> Field<Int64> {
    field(name) { value in
      guard case .integer(let number) = value else { return nil }
      return number
    }
  }

  /// Values that are not texts become "", as in the original.
  func texts(_ name: String) -> Field<[(String, String)]> {
    field(name) { value in
      value.objectValue.map { object in object.map { ($0.key, $0.value.stringValue ?? "") } }
    }
  }

  func list(_ name: String) -> Field<[String]> {
    field(name) { value in value.arrayValue.map { list in list.map { $0.stringValue ?? "" } } }
  }

  private static func goKind(_ value: JSON) -> String {
    switch value {
    case .null: "null"
    case .bool: "bool"
    case .integer: "number"
    case .number, .bigNumber: "number \(value.text)"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

extension OriginalRequest.Field {
  /// The value, nil also where it has the wrong type: where the original ignores that.
  var lenient: Value? {
    guard case .value(let value) = self else { return nil }
    return value
  }

  /// The value; a wrong type is refused in the original's words.
  func strict(_ name: String, as type: String) throws -> Value? {
    switch self {
    case .value(let value): return value
    case .missing: return nil
    case .wrongType(let found):
      throw Refusal.badRequest("json: cannot unmarshal \(found) into Go struct field \(name) of type \(type)")
    }
  }
}
