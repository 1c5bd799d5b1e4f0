struct JSONKeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: EncodingNode
  let codingPath: [any CodingKey]

  private func set(_ key: Key, _ value: JSON) { node.set(key.stringValue, value) }

  func encodeNil(forKey key: Key) { set(key, .null) }
  func encode(_ value: Bool, forKey key: Key) { set(key, .bool(value)) }
  func encode(_ value: String, forKey key: Key) { set(key, .string(value)) }
  func encode(_ value: Double, forKey key: Key) throws { set(key, try encodeNumber(value, at: codingPath + [key])) }
  func encode(_ value: Float, forKey key: Key) throws { set(key, try encodeNumber(value, at: codingPath + [key])) }
  func encode(_ value: Int, forKey key: Key) { set(key, encodeInteger(value)) }
  func encode(_ value: Int8, forKey key: Key) { set(key, encodeInteger(value)) }
  func encode(_ value: Int16, forKey key: Key) { set(key, encodeInteger(value)) }
  func encode(_ value: Int32, forKey key: Key) { set(key, encodeInteger(value)) }
  func encode(_ value: Int64, forKey key: Key) { set(key, encodeInteger(value)) }
  func encode(_ value: UInt, forKey key: Key) { set(key, encodeInteger(value)) }
  func encode(_ value: UInt8, forKey key: Key) { set(key, encodeInteger(value)) }
  func encode(_ value: UInt16, forKey key: Key) { set(key, encodeInteger(value)) }
  func encode(_ value: UInt32, forKey key: Key) { set(key, encodeInteger(value)) }
  func encode(_ value: UInt64, forKey key: Key) { set(key, encodeInteger(value)) }

  func encode(_ value: some Encodable, forKey key: Key) throws {
    set(key, try encodeToJSON(value, at: codingPath + [key]))
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type, forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> {
    nestedEncoder(key).container(keyedBy: keyType)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    nestedEncoder(key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { nestedEncoder(JSONKey.superKey) }
  func superEncoder(forKey key: Key) -> any Encoder { nestedEncoder(key) }

  private func nestedEncoder(_ key: some CodingKey) -> JSONValueEncoder {
    JSONValueEncoder(node: node.member(key.stringValue), codingPath: codingPath + [key])
  }
}
