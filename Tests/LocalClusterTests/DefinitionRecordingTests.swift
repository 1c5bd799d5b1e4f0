import JSON
import Testing

@testable import LocalCluster

/// Bodies that a real Marathon accepted or refused, and what it said.
@Suite struct DefinitionRecordingTests {
  /// The recording holds only the beginning of this body.
  private static let cut: Set<String> = ["cmd of 200 kB"]

  @Test func everyBodyIsAnsweredAsMarathonDid() throws {
    let recording = try Recording("errors-post")
    var checked = 0
    for exchange in recording.exchanges where exchange.method == "POST" && exchange.path == "/v2/apps" {
      if Self.cut.contains(exchange.note) { continue }
      var simulation = Simulation()
      let answer = simulation.replay(exchange)
      checked += 1
      #expect(answer.status == exchange.status, "\(exchange.note): \(answer.json?.text.prefix(300) ?? "")")
      guard let expected = exchange.json, let actual = answer.json, answer.status == exchange.status else { continue }
      if exchange.status == 400 {
        // The parser's own words follow.
        #expect(actual["message"] == expected["message"], "\(exchange.note)")
      } else {
        let (left, right) = (Normal.form(actual), Normal.form(expected))
        #expect(left == right, "\(exchange.note): \(Normal.difference(left, right))")
      }
    }
    #expect(checked > 150)
  }

  @Test(arguments: [
    "create-minimal", "create-defaults", "create-full", "create-args", "create-ports", "create-old-style",
    "create-networks",
  ])
  func whatIsPostedIsReadBackAsFromMarathon(_ name: String) throws {
    let recording = try Recording(name)
    var simulation = Simulation()
    for exchange in recording.exchanges {
      // Each application was deleted, outside the recording, before the next one was posted.
      if exchange.method == "POST" { simulation = Simulation() }
      // Persistent volumes are not kept, so the fields that come with them are left out.
      if exchange.path.contains("persistent") || String(decoding: exchange.body, as: UTF8.self).contains("persistent") {
        continue
      }
      let isOver = exchange.note.contains("after the deployment") || exchange.path.hasSuffix("/tasks")
      if isOver { simulation.settle() }
      let answer = simulation.replay(exchange)
      #expect(answer.status == exchange.status, "\(exchange.method) \(exchange.path) \(exchange.note)")
      guard exchange.status < 300, var expected = exchange.json, var actual = answer.json else { continue }
      if expected["deploymentId"] != nil { continue }
      if let inner = expected["app"], let ours = actual["app"] { (expected, actual) = (inner, ours) }
      #expect(actual.objectValue?.keys == expected.objectValue?.keys, "\(exchange.path)")
      if !isOver, exchange.method == "GET" {
        // How far the deployment was by then is a matter of time.
        for key in ["tasks", "deployments", "tasksStaged", "tasksRunning"] {
          actual = actual.without(key)
          expected = expected.without(key)
        }
      }
      let (left, right) = (Normal.form(actual), Normal.form(expected))
      #expect(left == right, "\(exchange.path): \(Normal.difference(left, right))")
    }
  }
}

/// Takes out of an answer what differs from run to run: ids, times, hosts, ports of tasks.
enum Normal {
  /// The members that differ, ours before the real ones.
  static func difference(_ left: JSON, _ right: JSON) -> String {
    guard let ours = left.objectValue, let real = right.objectValue else { return "\(left.text) / \(right.text)" }
    let keys = ours.keys + real.keys.filter { ours[$0] == nil }
    return keys.filter { ours[$0] != real[$0] }
      .map { "\($0): \(ours[$0]?.text ?? "absent") / \(real[$0]?.text ?? "absent")" }.joined(separator: "; ")
  }

  static func form(_ json: JSON) -> JSON {
    switch json {
    case .array(let elements): return .array(elements.map(form))
    case .object(let object):
      var result = JSONObject()
      for (key, value) in object {
        switch key {
        case "version", "timestamp", "stagedAt", "startedAt", "lastScalingAt", "lastConfigChangeAt", "firstSuccess",
          "lastSuccess", "lastFailure", "since":
          result[key] = "TIME"
        case "host", "hostname", "slaveId", "agentId", "ipAddress": result[key] = "HOST"
        case "deployments":
          result[key] = .array((value.arrayValue ?? []).map { _ in ["id": "ID"] })
        case "id" where value.stringValue?.hasPrefix("/") == false: result[key] = "ID"
        case "taskId", "instanceId", "deploymentId": result[key] = "ID"
        case "ports" where object["host"] != nil:
          result[key] = .array((value.arrayValue ?? []).map { _ in "PORT" })
        // Marathon 1.6 takes this field and forgets it.
        case "ignoreHttp1xx": result[key] = false
        // The order is that of a hash set.
        case "constraints" where value.arrayValue != nil:
          result[key] = .array((value.arrayValue ?? []).sorted { $0.text < $1.text })
        case "details":
          result[key] = .array((value.arrayValue ?? [value]).map(form).sorted { $0.text < $1.text })
        default: result[key] = form(value)
        }
      }
      return .object(result)
    case .integer, .number:
      return json.doubleValue.map { $0 == $0.rounded() ? .integer(Int64($0)) : .number($0) } ?? json
    default: return json
    }
  }
}

extension JSON {
  func without(_ key: String) -> JSON {
    guard var object = objectValue else { return self }
    object[key] = nil
    return .object(object)
  }
}
