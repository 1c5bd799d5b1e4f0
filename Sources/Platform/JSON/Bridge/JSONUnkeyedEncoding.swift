struct JSONUnkeyedEncoding: UnkeyedEncodingContainer {
  let node: EncodingNode
  let codingPath: [any CodingKey]
  var count: Int { node.elementCount }

  private var elementPath: [any CodingKey] { codingPath + [JSONKey(intValue: count)] }
  private func add(_ value: JSON) { node.append(value) }

  func encodeNil() { add(.null) }
  func encode(_ value: Bool) { add(.bool(value)) }
  func encode(_ value: String) { add(.string(value)) }
  func encode(_ value: Double) throws { add(try encodeNumber(value, at: elementPath)) }
  func encode(_ value: Float) throws { add(try encodeNumber(value, at: elementPath)) }
  func encode(_ value: Int) { add(encodeInteger(value)) }
  func encode(_ value: Int8) { add(encodeInteger(value)) }
  func encode(_ value: Int16) { add(encodeInteger(value)) }
  func encode(_ value: Int32) { add(encodeInteger(value)) }
  func encode(_ value: Int64) { add(encodeInteger(value)) }
  func encode(_ value: UInt) { add(encodeInteger(value)) }
  func encode(_ value: UInt8) { add(encodeInteger(value)) }
  func encode(_ value: UInt16) { add(encodeInteger(value)) }
  func encode(_ value: UInt32) { add(encodeInteger(value)) }
  func encode(_ value: UInt64) { add(encodeInteger(value)) }
  func encode(_ value: some Encodable) throws { add(try encodeToJSON(value, at: elementPath)) }

  func nestedContainer<NestedKey: CodingKey>(keyedBy keyType: NestedKey.Type) -> KeyedEncodingContainer<NestedKey> {
    nestedEncoder().container(keyedBy: keyType)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nestedEncoder().unkeyedContainer() }
  func superEncoder() -> any Encoder { nestedEncoder() }

  private func nestedEncoder() -> JSONValueEncoder {
    let path = elementPath
    return JSONValueEncoder(node: node.element(), codingPath: path)
  }
}

struct JSONSingleEncoding: SingleValueEncodingContainer {
  let node: EncodingNode
  let codingPath: [any CodingKey]

  private func set(_ value: JSON) { node.set(value) }

  func encodeNil() { set(.null) }
  func encode(_ value: Bool) { set(.bool(value)) }
  func encode(_ value: String) { set(.string(value)) }
  func encode(_ value: Double) throws { set(try encodeNumber(value, at: codingPath)) }
  func encode(_ value: Float) throws { set(try encodeNumber(value, at: codingPath)) }
  func encode(_ value: Int) { set(encodeInteger(value)) }
  func encode(_ value: Int8) { set(encodeInteger(value)) }
  func encode(_ value: Int16) { set(encodeInteger(value)) }
  func encode(_ value: Int32) { set(encodeInteger(value)) }
  func encode(_ value: Int64) { set(encodeInteger(value)) }
  func encode(_ value: UInt) { set(encodeInteger(value)) }
  func encode(_ value: UInt8) { set(encodeInteger(value)) }
  func encode(_ value: UInt16) { set(encodeInteger(value)) }
  func encode(_ value: UInt32) { set(encodeInteger(value)) }
  func encode(_ value: UInt64) { set(encodeInteger(value)) }
  func encode(_ value: some Encodable) throws { set(try encodeToJSON(value, at: codingPath)) }
}
