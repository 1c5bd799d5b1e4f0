import Concurrency
import JSON

extension ClusterAPI {
  func answerApps(
    _ request: APIRequest, _ route: APIRoute, _ cluster: inout Cluster, _ now: Timestamp,
    _ effects: inout [ClusterEffect]
  ) throws(ClusterFault) -> APIAnswer {
    let embeds = AppEmbeds(named: request.values(of: "embed"))
    switch (route, request.method) {
    case (.apps, "POST"):
      return try change(&effects) { () throws(ClusterFault) in
        try cluster.create(try request.json(), force: request.flag("force"), origin: request.origin, at: now)
      }
    case (.apps, "PUT"), (.apps, "PATCH"):
      let isPatch = request.method == "PATCH"
      return try change(&effects) { () throws(ClusterFault) in
        try cluster.update(
          all: try request.json(), partial: isPatch || request.flag("partialUpdate", default: true),
          mustExist: isPatch, force: request.flag("force"), at: now)
      }
    case (.apps, _):
      let found = try list(request, cluster, embeds: embeds.isEmpty ? [.counts, .deployments] : embeds)
      return APIAnswer(["apps": .array(found)])
    case (.appsBelow(let group), _):
      let prefix = group == "/" ? "/" : group + "/"
      let found = cluster.apps(embeds: embeds.union([.counts, .deployments, .tasks])) { $0.id.hasPrefix(prefix) }
      if found.isEmpty, group != "/" { throw ClusterFault(status: 404, message: "Group '\(group)' does not exist") }
      return APIAnswer(["*": .array(found)])
    case (.app(let id), "PUT"), (.app(let id), "PATCH"):
      return try change(&effects) { () throws(ClusterFault) in
        try cluster.update(
          id, try request.json(), partial: request.method == "PATCH" || request.flag("partialUpdate", default: true),
          force: request.flag("force"), origin: request.origin, at: now)
      }
    case (.app(let id), "DELETE"):
      return try change(&effects) { () throws(ClusterFault) in
        try cluster.remove(id, force: request.flag("force", default: true), at: now)
      }
    case (.app(let id), _): return APIAnswer(try cluster.app(id, embeds: embeds))
    case (.restart(let id), _):
      return try change(&effects) { () throws(ClusterFault) in
        try cluster.restart(id, force: request.flag("force"), at: now)
      }
    case (.versions(let id), _):
      return APIAnswer(["versions": .array(try cluster.versionList(of: id).map { .string($0.description) })])
    case (.version(let id, let version), _): return APIAnswer(try cluster.version(version, of: id))
    default: return .notRouted
    }
  }

  private func change(
    _ effects: inout [ClusterEffect], _ make: () throws(ClusterFault) -> (ChangeReceipt, [ClusterEffect])
  ) throws(ClusterFault) -> APIAnswer {
    let (receipt, made) = try make()
    effects = made
    return APIAnswer(receipt)
  }

  /// The filters `id` and `cmd` look for a part, `label` is a selector.
  private func list(
    _ request: APIRequest, _ cluster: Cluster, embeds: AppEmbeds
  ) throws(ClusterFault) -> [JSON] {
    var selector: LabelSelector?
    if let text = request.value(of: "label") { selector = try LabelSelector(text) }
    let id = request.value(of: "id")?.lowercased()
    let cmd = request.value(of: "cmd")?.lowercased()
    return cluster.apps(embeds: embeds) { app in
      (id.map { app.id.lowercased().contains($0) } ?? true)
        && (cmd.map { part in app.cmd?.lowercased().contains(part) ?? false } ?? true)
        && (selector?.matches(app.labels) ?? true)
    }
  }
}

extension APIRequest {
  var origin: RequestOrigin { RequestOrigin(uri: path, clientAddress: clientAddress) }
}
