import Concurrency
import JSON

extension ClusterAPI {
  func answerTasks(
    _ request: APIRequest, _ route: APIRoute, _ cluster: inout Cluster, _ now: Timestamp,
    _ effects: inout [ClusterEffect]
  ) throws(ClusterFault) -> APIAnswer {
    if request.method != "GET", request.flag("scale"), request.flag("wipe") {
      throw ClusterFault(status: 400, message: "You cannot use scale and wipe at the same time.")
    }
    switch (route, request.method) {
    case (.tasks(let group), "GET") where group.hasSuffix("/*"):
      let prefix = String(group.dropLast())
      let ids = cluster.definitions.keys.filter { $0.hasPrefix(prefix) }.sorted()
      var tasks: [JSON] = []
      for id in ids { tasks += try cluster.tasks(of: id) }
      return APIAnswer(["tasks": .array(tasks)])
    case (.tasks(let id), "DELETE"):
      let ids = try cluster.taskIds(of: id, host: request.value(of: "host"))
      return try end(ids, request, &cluster, now, &effects) { ["tasks": .array($0)] }
    case (.tasks(let id), _): return APIAnswer(["tasks": .array(try cluster.tasks(of: id))])
    case (.task(let id, let task), _):
      guard try cluster.taskIds(of: id, host: nil).contains(task) else {
        throw ClusterFault(status: 404, message: "Task '\(task)' does not exist")
      }
      return try end([task], request, &cluster, now, &effects) { ["task": $0.first ?? .null] }
    default:
      let ids = try taskIds(request)
      return try end(ids, request, &cluster, now, &effects) { ["tasks": .array($0)] }
    }
  }

  /// The ids of `{"ids": […]}`. One that cannot be a task's id is refused.
  private func taskIds(_ request: APIRequest) throws(ClusterFault) -> [String] {
    let body = try request.json()
    func fault(_ message: String) -> ClusterFault {
      ClusterFault(.malformed([DefinitionFault(path: "", message: message)]))
    }
    guard let value = body["ids"] else { throw fault("'ids' is undefined on object: \(body.text)") }
    guard let elements = value.arrayValue else { throw fault("error.expected.jsarray") }
    var ids: [String] = []
    for element in elements {
      guard let id = element.stringValue else { throw fault("error.expected.jsstring") }
      guard id.contains(".") else {
        throw ClusterFault(
          status: 400,
          message: "Invalid task id '\(id)'. [taskId \(id) no valid identifier (of class java.lang.String)]")
      }
      ids.append(id)
    }
    return ids
  }

  private func end(
    _ ids: [String], _ request: APIRequest, _ cluster: inout Cluster, _ now: Timestamp,
    _ effects: inout [ClusterEffect], _ body: ([JSON]) -> JSON
  ) throws(ClusterFault) -> APIAnswer {
    let (receipt, tasks, made) = try cluster.killTasks(
      ids, scale: request.flag("scale"), force: request.flag("force"), at: now)
    effects = made
    return receipt.map { APIAnswer($0) } ?? APIAnswer(body(tasks))
  }
}
