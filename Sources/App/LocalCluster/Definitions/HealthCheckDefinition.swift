import Concurrency
import JSON

/// A health check as an application asks for it.
///
/// Marathon knows whole seconds only. `intervalMillis`, `timeoutMillis` and `gracePeriodMillis` are this cluster's own:
/// where one is given it counts in place of the field in seconds, and it comes back in answers.
package struct HealthCheckDefinition: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    case http = "HTTP"
    case https = "HTTPS"
    case tcp = "TCP"
    case command = "COMMAND"
    case mesosHTTP = "MESOS_HTTP"
    case mesosHTTPS = "MESOS_HTTPS"
    case mesosTCP = "MESOS_TCP"

    /// Checks by Mesos start after `delaySeconds`; Marathon's own ones do not know that field's meaning.
    var isRunByMesos: Bool {
      switch self {
      case .http, .https, .tcp: false
      case .command, .mesosHTTP, .mesosHTTPS, .mesosTCP: true
      }
    }
  }

  var kind: Kind = .http
  var command: String?
  var path: String?
  var port: Int?
  var portIndex: Int?
  var gracePeriodSeconds = 300
  var intervalSeconds = 60
  var timeoutSeconds = 20
  var delaySeconds = 15
  var maxConsecutiveFailures = 3
  var ignoreHTTP1xx = false
  var ipProtocol = "IPv4"
  var gracePeriodMillis: Int?
  var intervalMillis: Int?
  var timeoutMillis: Int?

  /// An interval of 0 would never rest; it counts as 10 ms.
  var interval: Duration { max(.milliseconds(intervalMillis ?? intervalSeconds * 1000), .milliseconds(10)) }
  var timeout: Duration { .milliseconds(timeoutMillis ?? timeoutSeconds * 1000) }
  var gracePeriod: Duration { .milliseconds(gracePeriodMillis ?? gracePeriodSeconds * 1000) }

  /// From TASK_RUNNING to the first check. Marathon ticks on its own clock, so that the first check comes somewhere within one
  /// interval; here it comes early in that interval, since a short start is the common case.
  var firstDelay: Duration {
    if kind.isRunByMesos { return .seconds(delaySeconds) }
    return min(interval / 2, .milliseconds(250))
  }

  var json: JSON {
    var object = JSONObject()
    if let command { object["command"] = ["value": .string(command)] }
    object["gracePeriodSeconds"] = .integer(Int64(gracePeriodSeconds))
    if kind == .http || kind == .https { object["ignoreHttp1xx"] = .bool(ignoreHTTP1xx) }
    object["intervalSeconds"] = .integer(Int64(intervalSeconds))
    object["maxConsecutiveFailures"] = .integer(Int64(maxConsecutiveFailures))
    if let path, kind != .tcp, kind != .mesosTCP, kind != .command { object["path"] = .string(path) }
    if let port { object["port"] = .integer(Int64(port)) }
    if let portIndex { object["portIndex"] = .integer(Int64(portIndex)) }
    object["protocol"] = .string(kind.rawValue)
    object["ipProtocol"] = .string(ipProtocol)
    object["timeoutSeconds"] = .integer(Int64(timeoutSeconds))
    object["delaySeconds"] = .integer(Int64(delaySeconds))
    for (name, value) in [
      ("gracePeriodMillis", gracePeriodMillis), ("intervalMillis", intervalMillis), ("timeoutMillis", timeoutMillis),
    ] {
      if let value { object[name] = .integer(Int64(value)) }
    }
    return .object(object)
  }

  static func read(_ reader: inout DefinitionReader) -> HealthCheckDefinition? {
    var check = HealthCheckDefinition()
    if reader.has("protocol") {
      guard let literal = reader.literal("protocol", of: Kind.allCases.map(\.rawValue)) else { return nil }
      check.kind = Kind(rawValue: literal) ?? .http
    }
    check.command = reader.nested("command") { $0.string("value") }
    check.path = reader.string("path")
    check.port = reader.integer("port", minimum: 0, maximum: 65535)
    check.portIndex = reader.integer("portIndex")
    check.gracePeriodSeconds = reader.integer("gracePeriodSeconds") ?? check.gracePeriodSeconds
    check.intervalSeconds = reader.integer("intervalSeconds") ?? check.intervalSeconds
    check.timeoutSeconds = reader.integer("timeoutSeconds") ?? check.timeoutSeconds
    check.delaySeconds = reader.integer("delaySeconds") ?? check.delaySeconds
    check.maxConsecutiveFailures = reader.integer("maxConsecutiveFailures") ?? check.maxConsecutiveFailures
    check.ignoreHTTP1xx = reader.bool("ignoreHttp1xx") ?? false
    check.ipProtocol = reader.literal("ipProtocol", of: ["IPv4", "IPv6"]) ?? "IPv4"
    check.gracePeriodMillis = reader.integer("gracePeriodMillis")
    check.intervalMillis = reader.integer("intervalMillis", minimum: 1)
    check.timeoutMillis = reader.integer("timeoutMillis", minimum: 1)
    return check
  }
}
