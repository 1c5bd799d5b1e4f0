import JSON

/// A JSON value and where it stands, for reading our own forms with errors that name the place.
struct JSONPlace {
  let value: JSON
  let path: String

  init(_ value: JSON, path: String = "$") {
    self.value = value
    self.path = path
  }

  func mismatch(_ wanted: String) -> JSONDecodingError {
    JSONDecodingError(path: path, reason: "\(wanted) is expected, not \(value.kindDescription)")
  }

  /// The member of an object; nil if it is missing or null.
  subscript(key: String) -> JSONPlace? {
    guard let member = value[key], !member.isNull else { return nil }
    return JSONPlace(member, path: "\(path).\(key)")
  }

  func members() throws(JSONDecodingError) -> [(key: String, place: JSONPlace)] {
    guard let object = value.objectValue else { throw mismatch("an object") }
    return object.map { ($0.key, JSONPlace($0.value, path: "\(path).\($0.key)")) }
  }

  func string() throws(JSONDecodingError) -> String {
    guard let text = value.stringValue else { throw mismatch("a string") }
    return text
  }

  func bool() throws(JSONDecodingError) -> Bool {
    guard let value = value.boolValue else { throw mismatch("a boolean") }
    return value
  }

  func integer() throws(JSONDecodingError) -> Int {
    guard let number = value.intValue else { throw mismatch("an integer") }
    return number
  }

  /// A number, or the text of one that JSON does not have: `.inf`, `-.inf`, `.nan`.
  func double() throws(JSONDecodingError) -> Double {
    if let number = value.doubleValue { return number }
    guard let text = value.stringValue, let number = Double(nonFiniteText: text) else { throw mismatch("a number") }
    return number
  }

  func duration() throws(JSONDecodingError) -> Duration {
    let text = try string()
    do {
      return try GoDuration.parse(text)
    } catch {
      throw JSONDecodingError(path: path, reason: "\(error)")
    }
  }

  func list<Element>(
    _ element: (JSONPlace) throws(JSONDecodingError) -> Element
  ) throws(JSONDecodingError) -> [Element] {
    guard let values = value.arrayValue else { throw mismatch("an array") }
    var elements: [Element] = []
    for (index, value) in values.enumerated() {
      elements.append(try element(JSONPlace(value, path: "\(path)[\(index)]")))
    }
    return elements
  }

  func strings() throws(JSONDecodingError) -> [String] {
    try list { (place) throws(JSONDecodingError) in try place.string() }
  }

  func map<Element>(
    _ element: (JSONPlace) throws(JSONDecodingError) -> Element
  ) throws(JSONDecodingError) -> OrderedMap<Element> {
    var map = OrderedMap<Element>()
    for (key, place) in try members() { map[key] = try element(place) }
    return map
  }

  func stringMap() throws(JSONDecodingError) -> OrderedMap<String> {
    try map { (place) throws(JSONDecodingError) in try place.string() }
  }
}

extension Double {
  /// YAML's texts for what JSON has no number for.
  init?(nonFiniteText text: String) {
    switch text {
    case ".inf": self = .infinity
    case "-.inf": self = -.infinity
    case ".nan": self = .nan
    default: return nil
    }
  }

  var json: JSON {
    if isFinite { return .number(self) }
    return .string(isNaN ? ".nan" : self < 0 ? "-.inf" : ".inf")
  }
}

extension JSONObject {
  /// Writing helpers that leave out what is empty.
  mutating func set(_ key: String, _ text: String) {
    if !text.isEmpty { self[key] = .string(text) }
  }

  mutating func set(_ key: String, _ number: Int) {
    if number != 0 { self[key] = .integer(Int64(number)) }
  }

  mutating func set(_ key: String, _ number: Double) {
    if number != 0 { self[key] = number.json }
  }

  mutating func set(_ key: String, _ flag: Bool) {
    if flag { self[key] = .bool(true) }
  }

  mutating func set(_ key: String, _ texts: [String]) {
    if !texts.isEmpty { self[key] = .array(texts.map { .string($0) }) }
  }

  mutating func set(_ key: String, _ values: [JSON]) {
    if !values.isEmpty { self[key] = .array(values) }
  }

  mutating func set(_ key: String, _ map: OrderedMap<JSON>) {
    if !map.isEmpty { self[key] = .object(JSONObject(map.map { ($0.key, $0.value) })) }
  }

  mutating func set(_ key: String, _ map: OrderedMap<String>) {
    set(key, map.mapValues { JSON.string($0) })
  }
}
