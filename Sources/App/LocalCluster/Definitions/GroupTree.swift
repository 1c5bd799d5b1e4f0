import Concurrency
import JSON

/// The groups that a set of applications makes, as the events of Marathon 1.6 show them.
enum GroupTree {
  static func json(_ apps: [String: AppDefinition], version: Timestamp) -> JSON {
    group("/", Array(apps.values), version: version)
  }

  private static func group(_ id: String, _ apps: [AppDefinition], version: Timestamp) -> JSON {
    let depth = AppPath.segments(id).count
    let own = apps.filter { AppPath.segments($0.id).count == depth + 1 }.sorted { $0.id < $1.id }
    var below: [String: [AppDefinition]] = [:]
    for app in apps {
      let segments = AppPath.segments(app.id)
      if segments.count > depth + 1 {
        below["/" + segments.prefix(depth + 1).joined(separator: "/"), default: []].append(app)
      }
    }
    return [
      "id": .string(id),
      "apps": .array(own.map { .object($0.json) }),
      "pods": [],
      "groups": .array(below.keys.sorted().map { group($0, below[$0] ?? [], version: version) }),
      "dependencies": [],
      "version": .string(version.description),
    ]
  }
}
