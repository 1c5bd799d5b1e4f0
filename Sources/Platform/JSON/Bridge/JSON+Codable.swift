// The bridge between Swift's Codable types and the JSON value. It is our own, because Foundation's coders go through
// text, lose the order of members, and report places poorly.

extension JSON {
  /// The value as JSON. Members come in the order in which the type encodes them; those of a `Dictionary` are sorted by
  /// name, so that equal values give equal text. Members that are nil are left out.
  package init(encoding value: some Encodable) throws(JSONEncodingError) {
    do {
      self = try encodeToJSON(value, at: [])
    } catch {
      throw JSONEncodingError(error, at: [])
    }
  }

  /// The value as a `type`. Members that the type does not know are ignored; integers must fit their width; a decimal
  /// such as `3.0` is taken for an integer, as JSON knows only numbers.
  package func decode<T: Decodable>(_ type: T.Type = T.self) throws(JSONDecodingError) -> T {
    do {
      return try decodeFromJSON(type, JSONValueDecoder(value: self))
    } catch {
      throw JSONDecodingError(error, at: [])
    }
  }
}

/// Inside other Codable types a `JSON` member stays as it is. Coders other than the bridge of this module are refused.
extension JSON: Codable {
  package init(from decoder: any Decoder) throws {
    guard let decoder = decoder as? JSONValueDecoder else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a JSON value can be decoded only from a JSON value"))
    }
    self = decoder.value
  }

  package func encode(to encoder: any Encoder) throws {
    guard let encoder = encoder as? JSONValueEncoder else {
      throw EncodingError.invalidValue(
        self,
        .init(codingPath: encoder.codingPath, debugDescription: "a JSON value can be encoded only into a JSON value"))
    }
    encoder.node.set(self)
  }
}

extension JSONObject: Codable {
  package init(from decoder: any Decoder) throws {
    guard case .object(let object) = try JSON(from: decoder) else {
      throw DecodingError.typeMismatch(
        JSONObject.self, .init(codingPath: decoder.codingPath, debugDescription: "an object is expected"))
    }
    self = object
  }

  package func encode(to encoder: any Encoder) throws {
    try JSON.object(self).encode(to: encoder)
  }
}
