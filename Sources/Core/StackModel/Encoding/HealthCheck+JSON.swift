import JSON

extension HealthCheck {
  /// A string for the original's form, an object for ours.
  var json: JSON {
    switch self {
    case .path(let path): .string(path)
    case .check(let definition): definition.json
    }
  }

  init(_ place: JSONPlace) throws(JSONDecodingError) {
    if let path = place.value.stringValue {
      self = .path(path)
    } else {
      self = .check(try HealthCheckDefinition(place))
    }
  }
}

extension HealthCheckDefinition {
  fileprivate var json: JSON {
    var object: JSONObject = ["protocol": .string(probe.rawValue)]
    object["path"] = path.map { .string($0) }
    object["command"] = command.map { .string($0) }
    object["port"] = port.map { .integer(Int64($0)) }
    object["interval"] = interval.map { .string(GoDuration.text($0)) }
    object["timeout"] = timeout.map { .string(GoDuration.text($0)) }
    object["grace"] = grace.map { .string(GoDuration.text($0)) }
    object["failures"] = failures.map { .integer(Int64($0)) }
    return .object(object)
  }

  fileprivate init(_ place: JSONPlace) throws(JSONDecodingError) {
    guard place.value.objectValue != nil else { throw place.mismatch("a string or an object") }
    let name = try place["protocol"]?.string() ?? ""
    guard let probe = Probe(rawValue: name) else {
      let known = Probe.allCases.map(\.rawValue).joined(separator: ", ")
      throw JSONDecodingError(path: "\(place.path).protocol", reason: "one of \(known) is expected, not \"\(name)\"")
    }
    self.init(
      probe: probe,
      path: try place["path"]?.string(),
      command: try place["command"]?.string(),
      port: try place["port"]?.integer(),
      interval: try place["interval"]?.duration(),
      timeout: try place["timeout"]?.duration(),
      grace: try place["grace"]?.duration(),
      failures: try place["failures"]?.integer())
  }
}
