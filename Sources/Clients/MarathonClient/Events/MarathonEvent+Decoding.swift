package import HTTPTypes
package import JSON

extension MarathonEvent {
  /// Never fails: an event that is not understood is ``other``.
  package init(_ message: ServerSentEvent) {
    let data = message.data ?? ""
    guard let json = try? JSON(parsing: data) else {
      self = .other(type: message.event ?? "", .string(data))
      return
    }
    self.init(type: message.event ?? json["eventType"]?.stringValue ?? "", json)
  }

  package init(type: String, _ json: JSON) {
    do {
      self = try Self.known(type, json) ?? .other(type: type, json)
    } catch {
      self = .other(type: type, json)
    }
  }

  private static func known(_ type: String, _ json: JSON) throws(JSONDecodingError) -> MarathonEvent? {
    switch type {
    case "deployment_info": .deploymentInfo(try json.decode())
    case "deployment_step_success": .deploymentStepSuccess(try json.decode())
    case "deployment_step_failure": .deploymentStepFailure(try json.decode())
    case "deployment_success": .deploymentSuccess(try json.decode())
    case "deployment_failed": .deploymentFailed(try json.decode())
    case "status_update_event": .statusUpdate(try json.decode())
    case "instance_changed_event": .instanceChanged(try json.decode())
    case "instance_health_changed_event": .instanceHealthChanged(try json.decode())
    case "health_status_changed_event": .healthStatusChanged(try json.decode())
    case "failed_health_check_event": .failedHealthCheck(try json.decode())
    case "unhealthy_instance_kill_event", "unhealthy_task_kill_event": .unhealthyInstanceKill(try json.decode())
    case "app_terminated_event": json["appId"]?.stringValue.map { .appTerminated(appID: $0) }
    case "group_change_success": .groupChangeSuccess(try json.decode())
    case "group_change_failed": .groupChangeFailed(try json.decode())
    case "api_post_event": try post(json)
    case "event_stream_attached": .streamAttached
    case "event_stream_detached": .streamDetached
    default: nil
    }
  }

  private static func post(_ json: JSON) throws(JSONDecodingError) -> MarathonEvent? {
    guard let definition = json["appDefinition"] else { return nil }
    return .apiPost(try definition.decode(), uri: json["uri"]?.stringValue)
  }
}
