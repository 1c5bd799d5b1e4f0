package import Concurrency
package import JSON

/// What of an application an answer shows beside its definition.
package struct AppEmbeds: OptionSet, Sendable, Hashable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  static let counts = AppEmbeds(rawValue: 1)
  static let deployments = AppEmbeds(rawValue: 2)
  static let tasks = AppEmbeds(rawValue: 4)
  static let lastTaskFailure = AppEmbeds(rawValue: 8)
  static let taskStats = AppEmbeds(rawValue: 16)

  /// Names of the query parameter `embed`; unknown ones are ignored.
  package init(named names: [String]) {
    self = []
    for name in names {
      switch name.split(separator: ".").last.map(String.init) ?? "" {
      case "counts": insert(.counts)
      case "deployments": insert(.deployments)
      case "tasks": insert([.tasks, .deployments])
      case "lastTaskFailure": insert(.lastTaskFailure)
      case "failures": insert([.lastTaskFailure, .tasks, .deployments])
      case "taskStats": insert(.taskStats)
      default: break
      }
    }
  }
}

extension Cluster {
  /// `GET /v2/apps/{id}`.
  package func app(_ id: String, embeds: AppEmbeds = []) throws(ClusterFault) -> JSON {
    guard let state = apps[id] else { throw .noApp(id) }
    return ["app": json(state, embeds: embeds.union([.counts, .deployments, .tasks, .lastTaskFailure]))]
  }

  /// `GET /v2/apps`, those that `isIncluded` takes.
  package func apps(embeds: AppEmbeds, where isIncluded: (AppDefinition) -> Bool) -> [JSON] {
    apps.values.filter { isIncluded($0.definition) }
      .sorted { $0.definition.id < $1.definition.id }
      .map { json($0, embeds: embeds) }
  }

  private func json(_ state: AppState, embeds: AppEmbeds) -> JSON {
    let id = state.definition.id
    let own = instances(of: id)
    var object = state.definition.json
    if embeds.contains(.counts) {
      object["tasksStaged"] = .integer(Int64(own.filter { $0.condition == .created }.count))
      object["tasksRunning"] = .integer(Int64(own.filter { $0.condition == .running }.count))
      object["tasksHealthy"] = .integer(Int64(own.filter { $0.isHealthy == true }.count))
      object["tasksUnhealthy"] = .integer(Int64(own.filter { $0.isHealthy == false }.count))
    }
    if embeds.contains(.deployments) {
      object["deployments"] = .array(locks(on: [id]).map { ["id": .string($0.id)] })
    }
    if embeds.contains(.tasks) { object["tasks"] = .array(own.map { $0.taskJSON() }) }
    if embeds.contains(.lastTaskFailure), let failure = state.lastTaskFailure { object["lastTaskFailure"] = failure }
    if embeds.contains(.taskStats) { object["taskStats"] = TaskStatistics.json(state.definition, own, now: now) }
    return .object(object)
  }

  package func hasApp(_ id: String) -> Bool { apps[id] != nil }

  /// `GET /v2/apps/{id}/tasks`.
  package func tasks(of id: String) throws(ClusterFault) -> [JSON] {
    guard apps[id] != nil else { throw .noApp(id) }
    return instances(of: id).map { $0.taskJSON() }
  }

  /// Ids of an application's tasks, on one host where that is asked for.
  package func taskIds(of id: String, host: String?) throws(ClusterFault) -> [String] {
    guard apps[id] != nil else { throw .noApp(id) }
    return instances(of: id).filter { host == nil || $0.agent.hostname == host }.map(\.taskId)
  }

  package func hasTask(_ id: String) -> Bool { instances[id] != nil }

  /// `GET /v2/tasks`; `states` are those of the query parameter `status`: `running`, `staging`.
  package func allTasks(states: [String]) -> [JSON] {
    instances.values.sorted { $0.sequence < $1.sequence }.compactMap { instance in
      guard let app = apps[instance.appId]?.definition else { return nil }
      let isWanted =
        states.isEmpty
        || states.contains { name in
          switch name.lowercased() {
          case "running": instance.condition == .running
          case "staging": instance.condition == .created
          default: false
          }
        }
      return isWanted ? instance.taskJSON(servicePorts: app.servicePorts) : nil
    }
  }

  /// `GET /v2/apps/{id}/versions`.
  package func versionList(of id: String) throws(ClusterFault) -> [Timestamp] {
    guard apps[id] != nil else { throw .noApp(id) }
    return (versions[id] ?? [:]).keys.sorted(by: >)
  }

  /// `GET /v2/apps/{id}/versions/{version}`.
  package func version(_ text: String, of id: String) throws(ClusterFault) -> JSON {
    guard let version = Timestamp(text) else {
      throw ClusterFault(
        status: 422, message: "Invalid timestamp provided '\(text)'. Expecting ISO-8601 datetime string.")
    }
    guard let definition = versions[id]?[version] else {
      throw ClusterFault(status: 404, message: "App '\(id)' does not exist in version \(text)")
    }
    return .object(definition.json)
  }

  /// `GET /v2/deployments`.
  package var deploymentsJSON: JSON { .array(deployments.map(\.json)) }

  /// `GET /v2/queue`: applications whose instances wait for a place or for the end of a delay.
  package func queue(at time: Timestamp, withLastOffers: Bool) -> JSON {
    let waiting = apps.values.filter { $0.waiting > 0 }.sorted { $0.definition.id < $1.definition.id }
    return [
      "queue": .array(
        waiting.map { state in
          let left = state.backoff.remaining(at: time)
          let since = state.waitingSince ?? time
          let isOverdue = time - max(since, state.backoff.deadline ?? since) >= .seconds(1)
          var item: JSONObject = [
            "count": .integer(Int64(state.waiting)),
            "delay": ["timeLeftSeconds": .integer(left.components.seconds), "overdue": .bool(isOverdue)],
            "since": .string(since.description),
            "processedOffersSummary": state.offers.json,
          ]
          if withLastOffers {
            item["lastUnusedOffers"] = .array(
              state.offers.last.sorted { $0.key < $1.key }.map { agent, reason in
                [
                  "offer": ["hostname": .string(agents[agent].hostname), "agentId": .string(agents[agent].id)],
                  "reason": [.string(reason.rawValue)],
                ]
              })
          }
          item["app"] = .object(state.definition.json)
          return .object(item)
        })
    ]
  }
}
