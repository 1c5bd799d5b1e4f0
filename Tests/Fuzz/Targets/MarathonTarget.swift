import JSON
import MarathonClient

@testable import LocalCluster

extension FuzzTarget {
  /// What Marathon answers, read by the client.
  static let marathonAnswers = FuzzTarget(
    name: "marathon-answers", summary: "Marathon's answers and events, as the client reads them", longestInput: 4_096
  ) { bytes in
    guard let json = try? JSON(parsing: bytes) else { return }
    for value in json.arrayValue ?? [json] {
      if let app = try? value.decode(MarathonApp.self) {
        _ = (app.instances, app.labels, app.hasHealthChecks, app.deploymentIDs, app.taskStatistics)
        try require(app.definition["tasksRunning"] == nil, "a count among what is sent back")
      }
      if let task = try? value.decode(MarathonTask.self) {
        try require(try JSON(encoding: task).decode(MarathonTask.self) == task, "the task does not come back")
      }
      _ = try? value.decode(MarathonDeployment.self)
      _ = try? value.decode(MarathonPlan.self)
      _ = try? value.decode(MarathonQueueItem.self)
      _ = try? value.decode(MarathonInfo.self)
      for type in ["deployment_info", "status_update_event", "instance_changed_event", "api_post_event"] {
        _ = MarathonEvent(type: type, value)
      }
    }
  }

  /// What clients send to the embedded cluster.
  static let marathonDefinition = FuzzTarget(
    name: "marathon-definition", summary: "definitions of applications, as the cluster takes them", longestInput: 4_096
  ) { bytes in
    let request = APIRequest(method: "POST", path: "/v2/apps", body: bytes, authority: "localhost")
    guard let json = try? request.json() else { return }
    let definition: AppDefinition
    do throws(DefinitionError) {
      definition = try AppDefinition.decode(json)
    } catch {
      try require(ClusterFault(error).status >= 400, "refused with \(ClusterFault(error))")
      return
    }
    let written = definition.json
    let again = try AppDefinition.decode(try JSON(parsing: JSON.object(written).bytes))
    try requireSame(JSON.object(again.json).text, JSON.object(written).text, "the definition does not come back")
    // What the cluster works out of it.
    _ = definition.killGracePeriod
    for check in definition.healthChecks { _ = (check.interval, check.timeout, check.gracePeriod, check.firstDelay) }
    _ = definition.portNames
  }
}
