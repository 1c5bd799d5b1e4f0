import Concurrency
import JSON

extension Cluster {
  /// Publishes an event whose last members are `eventType` and `timestamp`.
  mutating func publish(_ type: String, _ members: JSONObject, tail: JSONObject = [:]) {
    var object = members
    object["eventType"] = .string(type)
    object["timestamp"] = .string(now.description)
    for (key, value) in tail { object[key] = value }
    effects.append(.publish(ClusterNotice(type: type, light: .object(object), plan: nil)))
  }

  /// Publishes an event whose last members are `timestamp` and `eventType`.
  mutating func publishTimed(_ type: String, _ members: JSONObject) {
    var object = members
    object["timestamp"] = .string(now.description)
    object["eventType"] = .string(type)
    effects.append(.publish(ClusterNotice(type: type, light: .object(object), plan: nil)))
  }

  mutating func publishPlan(
    _ type: String, _ plan: DeploymentPlan, step: [DeploymentPlan.Action]? = nil, showsId: Bool = false,
    reason: String? = nil
  ) {
    var object = JSONObject()
    if showsId { object["id"] = .string(plan.id) }
    object["plan"] = plan.lightJSON
    if let step { object["currentStep"] = ["actions": .array(step.map(\.json))] }
    object["eventType"] = .string(type)
    object["timestamp"] = .string(now.description)
    if let reason { object["reason"] = .string(reason) }
    effects.append(.publish(ClusterNotice(type: type, light: .object(object), plan: plan)))
  }

  mutating func publishStatus(_ instance: Instance, _ status: String, message: String = "") {
    publish(
      "status_update_event",
      [
        "slaveId": .string(instance.agent.id),
        "taskId": .string(instance.taskId),
        "taskStatus": .string(status),
        "message": .string(message),
        "appId": .string(instance.appId),
        "host": .string(instance.agent.hostname),
        "ipAddresses": instance.startedAt == nil ? [] : instance.addresses,
        "ports": .array(instance.ports.map { .integer(Int64($0)) }),
        "version": .string(instance.app.version.description),
      ])
  }

  mutating func publishCondition(_ instance: Instance) {
    publishTimed(
      "instance_changed_event",
      [
        "instanceId": .string(instance.instanceId),
        "condition": .string(instance.condition.rawValue),
        "runSpecId": .string(instance.appId),
        "agentId": .string(instance.agent.id),
        "host": .string(instance.agent.hostname),
        "runSpecVersion": .string(instance.app.version.description),
      ])
  }

  mutating func publishPost(_ definition: AppDefinition, uri: String, clientAddress: String) {
    publish(
      "api_post_event",
      ["clientIp": .string(clientAddress), "uri": .string(uri), "appDefinition": .object(definition.json)])
  }

  mutating func publishGroupChange(group: String, version: Timestamp) {
    publish("group_change_success", ["groupId": .string(group), "version": .string(version.description)])
  }

  mutating func publishGroupFailure(group: String, version: Timestamp, reason: String) {
    publish(
      "group_change_failed",
      ["groupId": .string(group), "version": .string(version.description), "reason": .string(reason)])
  }
}
