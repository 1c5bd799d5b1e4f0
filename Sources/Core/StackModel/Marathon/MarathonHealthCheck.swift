import JSON

extension MarathonDefinition {
  static func healthCheck(of application: Application) -> JSONObject? {
    switch application.healthcheck {
    case nil, .path(""): nil
    case .path(let path): json(original(path))
    case .check(let definition): json(definition)
    }
  }

  /// The original's form has the original's timings. Our own form leaves to Marathon what it does not say.
  private static func original(_ path: String) -> HealthCheckDefinition {
    HealthCheckDefinition(
      probe: .http, path: path, port: 0, interval: .seconds(10), timeout: .seconds(30), grace: .seconds(120),
      failures: 18)
  }

  private static func json(_ definition: HealthCheckDefinition) -> JSONObject {
    var json = JSONObject()
    if definition.probe != .command { json["portIndex"] = .integer(Int64(definition.port ?? 0)) }
    if definition.probe == .http { json["path"] = .string(definition.path ?? "/") }
    if definition.probe == .command {
      json["command"] = .object(["value": .string(definition.command ?? "")])
      // Mesos would wait 15 s before the first one; the grace period is what protects a slow start.
      json["delaySeconds"] = 0
    }
    if let failures = definition.failures { json["maxConsecutiveFailures"] = .integer(Int64(failures)) }
    json["protocol"] = .string(definition.probe.rawValue)
    set("gracePeriod", to: definition.grace, in: &json)
    set("interval", to: definition.interval, in: &json)
    set("timeout", to: definition.timeout, in: &json)
    return json
  }

  /// Marathon counts in whole seconds. A duration that is none is rounded up to them, and stands beside in `…Millis`,
  /// which Marathon drops and the embedded cluster honours.
  private static func set(_ name: String, to duration: Duration?, in json: inout JSONObject) {
    guard let duration else { return }
    let milliseconds = duration.wholeNanoseconds / 1_000_000
    let seconds = (milliseconds + 999) / 1_000
    json["\(name)Seconds"] = .integer(seconds)
    if seconds * 1_000 != milliseconds { json["\(name)Millis"] = .integer(milliseconds) }
  }
}
