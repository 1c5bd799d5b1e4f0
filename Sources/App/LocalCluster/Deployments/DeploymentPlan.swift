package import Concurrency
package import JSON

/// What a change of applications takes, in steps: each step's actions run together, and the next begins when all are over.
package struct DeploymentPlan: Sendable, Hashable {
  enum Action: Sendable, Hashable {
    case start(String)
    case scale(String)
    case restart(String)
    case stop(String)

    var app: String {
      switch self {
      case .start(let app), .scale(let app), .restart(let app), .stop(let app): app
      }
    }

    var name: String {
      switch self {
      case .start: "StartApplication"
      case .scale: "ScaleApplication"
      case .restart: "RestartApplication"
      case .stop: "StopApplication"
      }
    }

    var json: JSON { ["action": .string(name), "app": .string(app)] }
  }

  package let id: String
  package let version: Timestamp
  var steps: [[Action]]
  /// What stood before, by id; an id without a definition did not exist.
  var original: [String: AppDefinition]
  /// What shall stand; an id without a definition shall go.
  var target: [String: AppDefinition]

  /// When what stood before was last changed.
  var originalVersion: Timestamp {
    original.values.map(\.version).max() ?? Timestamp(millisecondsSinceEpoch: 0)
  }

  var affected: [String] {
    var seen = Set<String>()
    return steps.flatMap { $0.map(\.app) }.filter { seen.insert($0).inserted }
  }

  /// The steps from `original` to `target`. `restarted` applications are replaced even where only their number changed.
  init(
    id: String, version: Timestamp, original: [String: AppDefinition], target: [String: AppDefinition],
    restarted: Set<String> = []
  ) {
    self.id = id
    self.version = version
    self.original = original
    self.target = target
    let ids = Set(original.keys).union(target.keys).sorted()
    var starts: [Action] = []
    var stops: [Action] = []
    var levels: [[Action]] = []
    let depths = Self.depths(of: target)
    for id in ids {
      let action: Action
      switch (original[id], target[id]) {
      case (nil, nil): continue
      case (nil, .some):
        starts.append(.start(id))
        action = .scale(id)
      case (.some, nil):
        stops.append(.stop(id))
        continue
      case (.some(let old), .some(let new)):
        if restarted.contains(id) || !new.isScaling(of: old) {
          action = .restart(id)
        } else if new.instances != old.instances {
          action = .scale(id)
        } else {
          continue
        }
      }
      let depth = depths[id] ?? 0
      while levels.count <= depth { levels.append([]) }
      levels[depth].append(action)
    }
    steps = [stops, starts].filter { !$0.isEmpty } + levels.filter { !$0.isEmpty }
  }

  /// How many levels of dependencies within `apps` each one has below it. Cycles have been refused before.
  private static func depths(of apps: [String: AppDefinition]) -> [String: Int] {
    var depths: [String: Int] = [:]
    func depth(_ id: String, _ path: Set<String>) -> Int {
      if let known = depths[id] { return known }
      guard let app = apps[id], !path.contains(id) else { return -1 }
      let below = app.dependencies.map { depth($0, path.union([id])) }.max() ?? -1
      depths[id] = below + 1
      return below + 1
    }
    for id in apps.keys { _ = depth(id, []) }
    return depths
  }

  var stepsJSON: JSON { .array(steps.map { ["actions": .array($0.map(\.json))] }) }

  /// The plan as events have it with `plan-format=light`.
  package var lightJSON: JSON {
    ["id": .string(id), "steps": stepsJSON, "version": .string(version.description)]
  }
}
