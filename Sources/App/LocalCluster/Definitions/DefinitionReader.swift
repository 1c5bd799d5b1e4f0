import JSON

/// Reads the members of one JSON object and notes every fault with the wording of Marathon's parser.
///
/// `null` counts as absent except where a value inside a list or a map is asked for. Members that are not asked for are ignored.
struct DefinitionReader {
  let object: JSONObject
  /// Where this object stands; empty for the whole body.
  let path: String
  private(set) var faults: [DefinitionFault] = []

  init(_ object: JSONObject, path: String) {
    self.object = object
    self.path = path
  }

  func has(_ key: String) -> Bool { present(key) != nil }

  func present(_ key: String) -> JSON? {
    guard let value = object[key], !value.isNull else { return nil }
    return value
  }

  mutating func fault(_ key: String, _ message: String) {
    faults.append(DefinitionFault(path: "\(path)/\(key)", message: message))
  }

  mutating func adopt(_ others: [DefinitionFault]) { faults += others }

  mutating func missing(_ key: String) {
    fault(key, "'\(key)' is undefined on object: \(JSON.object(object).text)")
  }

  mutating func string(_ key: String, minimumLength: Int = 0) -> String? {
    guard let value = present(key) else { return nil }
    guard let text = value.stringValue else {
      fault(key, "error.expected.jsstring")
      return nil
    }
    if text.count < minimumLength {
      fault(key, "error.minLength")
      return nil
    }
    return text
  }

  mutating func bool(_ key: String) -> Bool? {
    guard let value = present(key) else { return nil }
    guard let flag = value.boolValue else {
      fault(key, "error.expected.jsboolean")
      return nil
    }
    return flag
  }

  mutating func number(_ key: String, minimum: Double = 0, maximum: Double = .infinity) -> Double? {
    guard let value = present(key) else { return nil }
    guard let number = value.doubleValue else {
      fault(key, "error.expected.jsnumber")
      return nil
    }
    return inRange(number, key, minimum, maximum) ? number : nil
  }

  /// Seconds of a duration, which in Marathon has at most 2^63 nanoseconds.
  mutating func seconds(_ key: String) -> Double? { number(key, maximum: 9_223_372_036) }

  /// A whole number of 32 bits, as Marathon's `Int`; `1.0` is one.
  mutating func integer(_ key: String, minimum: Int = 0, maximum: Int = Int(Int32.max)) -> Int? {
    guard let value = present(key) else { return nil }
    guard let number = value.doubleValue else {
      fault(key, "error.expected.jsnumber")
      return nil
    }
    guard number == number.rounded(), abs(number) <= Double(Int32.max) else {
      fault(key, "error.expected.int")
      return nil
    }
    return inRange(number, key, Double(minimum), Double(maximum)) ? Int(number) : nil
  }

  private mutating func inRange(_ number: Double, _ key: String, _ minimum: Double, _ maximum: Double) -> Bool {
    if number < minimum {
      fault(key, "error.min")
      return false
    }
    if number > maximum {
      fault(key, "error.max")
      return false
    }
    return true
  }

  /// One of `literals`, upper case or not.
  mutating func literal(_ key: String, of literals: [String]) -> String? {
    guard let text = string(key) else { return nil }
    if let found = literals.first(where: { $0.lowercased() == text.lowercased() }) { return found }
    fault(key, "error.unknown.enum.literal")
    return nil
  }

  mutating func array(_ key: String) -> [JSON]? {
    guard let value = present(key) else { return nil }
    guard let elements = value.arrayValue else {
      fault(key, "error.expected.jsarray")
      return nil
    }
    return elements
  }

  mutating func strings(_ key: String) -> [String]? {
    guard let elements = array(key) else { return nil }
    var result: [String] = []
    for (index, element) in elements.enumerated() {
      if let text = element.stringValue {
        result.append(text)
      } else {
        fault("\(key)(\(index))", "error.expected.jsstring")
      }
    }
    return result
  }

  mutating func member(_ key: String) -> JSONObject? {
    guard let value = present(key) else { return nil }
    guard let object = value.objectValue else {
      fault(key, "error.expected.jsobject")
      return nil
    }
    return object
  }

  /// A map from names to strings; `expectation` is what Marathon asks for when a value is none.
  mutating func stringMap(_ key: String, expectation: String = "error.expected.jsstring") -> JSONObject? {
    guard let object = member(key) else { return nil }
    for (name, value) in object where value.stringValue == nil {
      fault("\(key)/\(name)", expectation)
    }
    return object
  }

  /// The objects of a list, each read by `read`.
  mutating func objects<Element>(
    _ key: String, _ read: (inout DefinitionReader) -> Element?
  ) -> [Element]? {
    guard let elements = array(key) else { return nil }
    var result: [Element] = []
    for (index, element) in elements.enumerated() {
      guard let object = element.objectValue else {
        fault("\(key)(\(index))", "error.expected.jsobject")
        continue
      }
      var reader = DefinitionReader(object, path: "\(path)/\(key)(\(index))")
      let value = read(&reader)
      adopt(reader.faults)
      if let value { result.append(value) }
    }
    return result
  }

  /// The object under `key`, read by `read`.
  mutating func nested<Element>(
    _ key: String, _ read: (inout DefinitionReader) -> Element?
  ) -> Element? {
    guard let object = member(key) else { return nil }
    var reader = DefinitionReader(object, path: "\(path)/\(key)")
    let value = read(&reader)
    adopt(reader.faults)
    return value
  }
}

extension JSON {
  /// Marathon 1.6 writes `32`, not `32.0`.
  init(measure value: Double) {
    if value == value.rounded(), abs(value) < 1e15 { self = .integer(Int64(value)) } else { self = .number(value) }
  }
}
