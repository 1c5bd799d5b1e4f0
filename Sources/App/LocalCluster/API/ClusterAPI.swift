package import Concurrency
import JSON

/// The requests of Marathon's API that are answered from the cluster's state alone. Streams, files and the master's state are the server's.
package struct ClusterAPI: Sendable {
  /// What `/v2/info` tells, except for the leader.
  package var master: String

  package init(master: String) { self.master = master }

  /// Answers one request; the effects are the driver's to perform.
  package func answer(
    _ request: APIRequest, _ cluster: inout Cluster, at now: Timestamp
  ) -> (APIAnswer, [ClusterEffect]) {
    guard let route = APIRoute(path: request.path) else { return (.notRouted, []) }
    if let refusal = refuse(request, route) { return (refusal, []) }
    var effects: [ClusterEffect] = []
    do {
      var answer = try perform(request, route, &cluster, now, &effects)
      if case .apps = route, answer.status == 201, case .json(let body) = answer.content {
        answer.fields.append(("Location", "http://\(request.authority)\(body["id"]?.stringValue ?? "/")"))
      }
      return (answer, effects)
    } catch {
      // A refusal may have published that it was one.
      return (APIAnswer(error), effects + cluster.drain())
    }
  }

  private func refuse(_ request: APIRequest, _ route: APIRoute) -> APIAnswer? {
    let allowed = route.methods
    guard allowed.contains(request.method) || (request.method == "HEAD" && allowed.contains("GET")) else {
      return .wrongMethod
    }
    if route != .ping, !request.accepts("application/json") { return .notAcceptable }
    if ["POST", "PUT", "PATCH"].contains(request.method), let type = request.contentType {
      let name = type.split(separator: ";").first.map { $0.trimmingBlanks.lowercased() } ?? ""
      if !name.isEmpty, name != "application/json" { return .unsupportedMediaType }
    }
    return nil
  }

  private func perform(
    _ request: APIRequest, _ route: APIRoute, _ cluster: inout Cluster, _ now: Timestamp,
    _ effects: inout [ClusterEffect]
  ) throws(ClusterFault) -> APIAnswer {
    switch route {
    case .ping: return ping(request)
    case .info: return APIAnswer(info(cluster, authority: request.authority))
    case .leader: return APIAnswer(["leader": .string(request.authority)])
    case .deployments: return APIAnswer(cluster.deploymentsJSON)
    case .queue:
      let withOffers = request.values(of: "embed").contains("lastUnusedOffers")
      return APIAnswer(cluster.queue(at: now, withLastOffers: withOffers))
    case .delay(let id):
      effects = try cluster.resetDelay(id, at: now)
      return APIAnswer(status: 204, .none)
    case .deployment(let id):
      let (receipt, made) = try cluster.cancelDeployment(id, force: request.flag("force"), at: now)
      effects = made
      return receipt.map { APIAnswer($0) } ?? APIAnswer(status: 202, .none)
    case .allTasks:
      let states = request.values(of: "status") + request.values(of: "status[]")
      return APIAnswer(["tasks": .array(cluster.allTasks(states: states))])
    case .tasks, .task, .deleteTasks: return try answerTasks(request, route, &cluster, now, &effects)
    default: return try answerApps(request, route, &cluster, now, &effects)
    }
  }

  /// `pong` as text, or as JSON to whom prefers that; nothing to whom takes neither.
  private func ping(_ request: APIRequest) -> APIAnswer {
    if let accept = request.accept, accept.contains("application/json"), !accept.contains("text/html") {
      return APIAnswer("pong")
    }
    return request.accepts("text/plain") || request.accepts("text/html")
      ? APIAnswer(.text("pong")) : APIAnswer(status: 204, .none)
  }

  private func info(_ cluster: Cluster, authority: String) -> JSON {
    let port = authority.split(separator: ":").last.flatMap { Int64($0) } ?? 0
    let host = authority.split(separator: ":").first.map(String.init) ?? authority
    return [
      "name": "marathon",
      "version": "1.6.590",
      "buildref": "embedded",
      "elected": true,
      "leader": .string(authority),
      "frameworkId": .string(cluster.frameworkId),
      "marathon_config": [
        "access_control_allow_origin": nil, "checkpoint": true, "default_network_name": nil, "env_vars_prefix": nil,
        "executor": "//cmd", "features": [], "framework_name": "marathon", "ha": false, "hostname": .string(host),
        "local_port_max": 20000, "local_port_min": 10000, "master": .string(master),
        "mesos_leader_ui_url": .string("http://\(master)/"), "mesos_role": nil, "webui_url": nil,
      ],
      "zookeeper_config": [:],
      "http_config": ["http_port": .integer(port), "https_port": nil],
    ]
  }
}
