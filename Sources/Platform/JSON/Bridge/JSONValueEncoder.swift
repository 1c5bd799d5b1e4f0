/// What is being built: containers share it, so that a nested one may still grow after its parent was left.
final class EncodingNode {
  enum Content {
    case empty
    case value(JSON)
    case object(names: [String], members: [String: EncodingNode])
    case array([EncodingNode])
  }

  var content = Content.empty

  /// An encoder that was given nothing (a type whose `encode(to:)` is empty) means an empty object.
  var json: JSON {
    switch content {
    case .empty: return .object(JSONObject())
    case .value(let value): return value
    case .array(let elements): return .array(elements.map(\.json))
    case .object(let names, let members):
      var object = JSONObject()
      for name in names { object[name] = members[name]?.json }
      return .object(object)
    }
  }

  func member(_ name: String) -> EncodingNode {
    let node = EncodingNode()
    guard case .object(var names, var members) = content else {
      content = .object(names: [name], members: [name: node])
      return node
    }
    content = .empty  // so that the arrays are not copied
    if members.updateValue(node, forKey: name) == nil { names.append(name) }
    content = .object(names: names, members: members)
    return node
  }

  func element() -> EncodingNode {
    let node = EncodingNode()
    guard case .array(var elements) = content else {
      content = .array([node])
      return node
    }
    content = .empty  // so that the array is not copied
    elements.append(node)
    content = .array(elements)
    return node
  }

  var elementCount: Int {
    guard case .array(let elements) = content else { return 0 }
    return elements.count
  }
}

/// A dictionary's own coding follows its random order; the bridge sorts its members instead.
private protocol NameKeyedDictionary {}
extension Dictionary: NameKeyedDictionary where Key == String, Value: Encodable {}

func encodeToJSON(_ value: some Encodable, at codingPath: [any CodingKey]) throws -> JSON {
  if let json = value as? JSON { return json }
  let encoder = JSONValueEncoder(node: EncodingNode(), codingPath: codingPath)
  try value.encode(to: encoder)
  let json = encoder.node.json
  if value is any NameKeyedDictionary, case .object(let object) = json {
    return .object(JSONObject(object.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }))
  }
  return json
}

func encodeNumber(_ value: some BinaryFloatingPoint, at codingPath: [any CodingKey]) throws -> JSON {
  guard value.isFinite else { throw JSONEncodingError(codingPath, "JSON has no number for \(value)") }
  return .number(Double(value))
}

func encodeInteger(_ value: some BinaryInteger) -> JSON {
  Int64(exactly: value).map(JSON.integer) ?? .bigNumber("\(value)")
}

struct JSONValueEncoder: Encoder {
  let node: EncodingNode
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if case .empty = node.content { node.content = .object(names: [], members: [:]) }
    return KeyedEncodingContainer(JSONKeyedEncoding<Key>(node: node, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .empty = node.content { node.content = .array([]) }
    return JSONUnkeyedEncoding(node: node, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    JSONSingleEncoding(node: node, codingPath: codingPath)
  }
}
