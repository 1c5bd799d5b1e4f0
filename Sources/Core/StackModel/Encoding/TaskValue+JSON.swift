import JSON

extension TaskValue {
  /// The tasks of an application as one map, whose keys are as free as those of any other.
  init(_ tasks: [ApplicationTask]) {
    self = .map(tasks.map { Entry(key: $0.key, value: $0.value) })
  }

  func tasks(_ place: JSONPlace) throws(JSONDecodingError) -> [ApplicationTask] {
    guard case .map(let entries) = self else { throw place.mismatch("an object") }
    return entries.map { ApplicationTask(key: $0.key, value: $0.value) }
  }
}

extension TaskValue {
  /// What JSON has no form for stands in an object with one member: `{"$number": ".inf"}`, and for maps whose keys are
  /// not all different strings `{"$map": [[key, value], …]}`; so does a map that looks like one of these.
  var json: JSON {
    switch self {
    case .null: .null
    case .boolean(let value): .bool(value)
    case .integer(let value): .integer(value)
    case .unsigned(let value): .bigNumber(String(value))
    case .number(let value): value.isFinite ? .number(value) : .object([Form.number: value.json])
    case .string(let value): .string(value)
    case .list(let values): .array(values.map(\.json))
    case .map(let entries): Self.plainObject(entries) ?? Self.pairs(entries)
    }
  }

  private enum Form {
    static let number = "$number"
    static let map = "$map"
  }

  private static func plainObject(_ entries: [Entry]) -> JSON? {
    var object: JSONObject = [:]
    for entry in entries {
      guard case .string(let key) = entry.key, object[key] == nil else { return nil }
      object[key] = entry.value.json
    }
    if object.count == 1, object.keys == [Form.number] || object.keys == [Form.map] { return nil }
    return .object(object)
  }

  private static func pairs(_ entries: [Entry]) -> JSON {
    .object([Form.map: .array(entries.map { .array([$0.key.json, $0.value.json]) })])
  }

  init(_ place: JSONPlace) throws(JSONDecodingError) {
    switch place.value {
    case .null: self = .null
    case .bool(let value): self = .boolean(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .number(value)
    case .bigNumber(let text):
      guard let value = UInt64(text) else { throw place.mismatch("a number up to \(UInt64.max)") }
      self = .unsigned(value)
    case .string(let value): self = .string(value)
    case .array:
      self = .list(try place.list { (place) throws(JSONDecodingError) in try TaskValue(place) })
    case .object(let object):
      if object.count == 1, let number = place[Form.number] {
        self = .number(try number.double())
      } else if object.count == 1, let pairs = place[Form.map] {
        self = .map(try pairs.list { (place) throws(JSONDecodingError) in try Entry(place) })
      } else {
        let map = try place.mapOfTaskValues()
        self = .map(map.map { Entry(key: .string($0.key), value: $0.value) })
      }
    }
  }
}

extension TaskValue.Entry {
  fileprivate init(_ place: JSONPlace) throws(JSONDecodingError) {
    let pair = try place.list { (place) throws(JSONDecodingError) in try TaskValue(place) }
    guard pair.count == 2 else { throw place.mismatch("a pair of key and value") }
    self.init(key: pair[0], value: pair[1])
  }
}

extension JSONPlace {
  fileprivate func mapOfTaskValues() throws(JSONDecodingError) -> OrderedMap<TaskValue> {
    try map { (place) throws(JSONDecodingError) in try TaskValue(place) }
  }
}
