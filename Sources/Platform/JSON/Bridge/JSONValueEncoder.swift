/// What is being built: containers share it, so that a nested one may still grow after its parent was left.
final class EncodingNode {
  private enum Place {
    case member(String)
    case element(Int)
  }

  /// `nil` before anything was given.
  private var value: JSON?
  /// What is still being built inside; a null stands in its place meanwhile.
  private var unfinished: [(place: Place, node: EncodingNode)] = []

  /// An encoder that was given nothing (a type whose `encode(to:)` is empty) means an empty object.
  var json: JSON {
    switch value {
    case nil: return .object(JSONObject())
    case .object(var object):
      for case (.member(let name), let node) in unfinished { object[name] = node.json }
      return .object(object)
    case .array(var elements):
      for case (.element(let index), let node) in unfinished { elements[index] = node.json }
      return .array(elements)
    case let value?: return value
    }
  }

  func set(_ value: JSON) {
    self.value = value
    unfinished = []
  }

  /// Makes an empty one an object, or an array.
  func begin(_ empty: JSON) {
    if value == nil { value = empty }
  }

  func set(_ name: String, _ member: JSON) {
    var object = takeObject()
    object[name] = member
    value = .object(object)
    if !unfinished.isEmpty {
      unfinished.removeAll { if case .member(name) = $0.place { true } else { false } }
    }
  }

  func member(_ name: String) -> EncodingNode {
    let node = EncodingNode()
    set(name, .null)
    unfinished.append((.member(name), node))
    return node
  }

  func append(_ element: JSON) {
    var elements = takeElements()
    elements.append(element)
    value = .array(elements)
  }

  func element() -> EncodingNode {
    let node = EncodingNode()
    unfinished.append((.element(elementCount), node))
    append(.null)
    return node
  }

  var elementCount: Int {
    guard case .array(let elements) = value else { return 0 }
    return elements.count
  }

  /// Taken out of the node, so that it is not copied when it is changed.
  private func takeObject() -> JSONObject {
    guard case .object(let object) = value else { return JSONObject() }
    value = nil
    return object
  }

  private func takeElements() -> [JSON] {
    guard case .array(let elements) = value else { return [] }
    value = nil
    return elements
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
    node.begin(.object(JSONObject()))
    return KeyedEncodingContainer(JSONKeyedEncoding<Key>(node: node, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    node.begin(.array([]))
    return JSONUnkeyedEncoding(node: node, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    JSONSingleEncoding(node: node, codingPath: codingPath)
  }
}
