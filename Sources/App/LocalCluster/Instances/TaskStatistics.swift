import Concurrency
import JSON

/// The statistics of `embed=apps.taskStats`: counts and running times, over all tasks and by how they were started.
enum TaskStatistics {
  static func json(_ app: AppDefinition, _ instances: [Instance], now: Timestamp) -> JSON {
    var object = JSONObject()
    let changedAt = app.versionInfo?.lastConfigChangeAt ?? app.version
    let scaledAt = app.versionInfo?.lastScalingAt ?? app.version
    for (name, group) in [
      ("startedAfterLastScaling", instances.filter { $0.app.version >= scaledAt }),
      ("withLatestConfig", instances.filter { $0.app.version >= changedAt }),
      ("withOutdatedConfig", instances.filter { $0.app.version < changedAt }),
      ("totalSummary", instances),
    ] where !group.isEmpty {
      object[name] = ["stats": stats(group, now: now)]
    }
    return .object(object)
  }

  private static func stats(_ group: [Instance], now: Timestamp) -> JSON {
    var object: JSONObject = [
      "counts": [
        "staged": .integer(Int64(group.filter { $0.condition == .created }.count)),
        "running": .integer(Int64(group.filter { $0.condition == .running }.count)),
        "healthy": .integer(Int64(group.filter { $0.isHealthy == true }.count)),
        "unhealthy": .integer(Int64(group.filter { $0.isHealthy == false }.count)),
      ]
    ]
    let times = group.compactMap(\.startedAt).map { Double(($0 - now).components.seconds).magnitude }.sorted()
    if !times.isEmpty {
      object["lifeTime"] = [
        "averageSeconds": JSON(measure: times.reduce(0, +) / Double(times.count)),
        "medianSeconds": JSON(measure: times[times.count / 2]),
      ]
    }
    return .object(object)
  }
}
