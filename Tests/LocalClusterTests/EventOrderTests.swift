import JSON
import Testing

@testable import LocalCluster

/// Scenarios of the recordings played against the cluster: the same requests have to bring the same events in the same order.
@Suite struct EventOrderTests {
  /// What of an event matters for the order: its type and what it is about.
  static func outline(_ type: String, _ data: JSON) -> String? {
    switch type {
    case "event_stream_attached", "event_stream_detached": return nil
    case "deployment_info", "deployment_step_success":
      let actions = data["currentStep"]?["actions"]?.arrayValue ?? []
      let texts = actions.map { "\($0["action"]?.stringValue ?? "") \($0["app"]?.stringValue ?? "")" }
      return "\(type) \(texts.sorted().joined(separator: ", "))"
    case "status_update_event":
      return "\(type) \(data["taskStatus"]?.stringValue ?? "") \(data["message"]?.stringValue ?? "")"
    case "instance_changed_event": return "\(type) \(data["condition"]?.stringValue ?? "")"
    case "deployment_failed", "group_change_failed": return "\(type) \(data["reason"]?.stringValue ?? "")"
    default: return type
    }
  }

  /// Marathon publishes some pairs from different threads; either order counts as the one.
  static func normalized(_ outlines: [String]) -> [String] {
    var result = outlines
    var changed = true
    while changed {
      changed = false
      for index in result.indices.dropFirst() {
        let pair = (result[index - 1], result[index])
        if Self.mayCross(pair.0, pair.1), pair.0 > pair.1 {
          result.swapAt(index - 1, index)
          changed = true
        }
      }
    }
    return result
  }

  private static func kind(_ outline: String) -> String {
    outline.split(separator: " ").first.map(String.init) ?? outline
  }

  private static let api: Set<String> = ["api_post_event", "group_change_success", "group_change_failed"]
  private static let ends: Set<String> = [
    "deployment_step_success", "deployment_success", "deployment_failed", "app_terminated_event",
  ]

  /// The answer to a request and the work it starts run beside each other, as do an instance's last step and the deployment's end.
  private static func mayCross(_ left: String, _ right: String) -> Bool {
    let (one, other) = (kind(left), kind(right))
    if api.contains(one), api.contains(other) { return one != other }
    if api.contains(one) || api.contains(other) { return ends.contains(one) || ends.contains(other) }
    if left == "instance_changed_event Running" || right == "instance_changed_event Running" {
      return ends.contains(one) || ends.contains(other)
    }
    return Set([one, other]) == ["health_status_changed_event", "instance_health_changed_event"]
  }

  /// Per change: the events between it and the next one, each scenario with one instance at a time.
  @Test(arguments: ["create-minimal", "locked", "deployment-cancel"])
  func changesBringTheRecordedEvents(_ name: String) throws {
    let recording = try Recording(name)
    var simulation = Simulation()
    var ids: [String: String] = [:]
    for exchange in recording.exchanges where exchange.path.hasPrefix("/v2/") && !exchange.path.contains("groups") {
      if exchange.method != "GET" { simulation.settle() }
      if String(decoding: exchange.body, as: UTF8.self).contains("/dep2") {
        // Was done outside the recording's requests; its events are in it.
        _ = simulation.ask("DELETE", "/v2/apps/dep")
        simulation.settle()
      }
      var exchange = exchange
      for (real, ours) in ids { exchange.path = exchange.path.replacing(real, with: ours) }
      let answer = simulation.replay(exchange)
      #expect(answer.status == exchange.status, "\(exchange.method) \(exchange.path) \(exchange.note)")
      if let ours = Self.deploymentId(answer.json), let real = Self.deploymentId(exchange.json) { ids[real] = ours }
    }
    simulation.settle()
    let ours = simulation.notices.compactMap { Self.outline($0.type, $0.light) }
    let real = recording.events.compactMap { Self.outline($0.type, $0.data) }
    // The recording was also refused changes of groups, which this cluster has not.
    let isOfInterest = { (outline: String) in !outline.contains("App is locked") && !outline.contains("Group '") }
    let (left, right) = (Self.normalized(ours.filter(isOfInterest)), Self.normalized(real.filter(isOfInterest)))
    let first = zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }
    #expect(
      left.prefix(right.count) == right.prefix(left.count),
      "first difference: \(String(describing: first))\nours:\n\(left.joined(separator: "\n"))\nreal:\n\(right.joined(separator: "\n"))"
    )
  }

  private static func deploymentId(_ json: JSON?) -> String? {
    json?["deploymentId"]?.stringValue ?? json?["deployments"]?[0]?["id"]?.stringValue
  }
}
