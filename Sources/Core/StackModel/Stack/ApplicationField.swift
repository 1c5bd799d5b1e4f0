/// The fields of an application by their names in YAML, in the order in which they are written.
package enum ApplicationField: String, Sendable, Hashable, CaseIterable {
  case type, id, version, cpu, mem, ports, instances, constraints, user, healthcheck
  case launchCommand = "launch_command"
  case args, env
  case artifactURLs = "artifact_urls"
  case additionalArtifacts = "additional_artifacts"
  case scheduler, tasks, dependencies, docker
  case startTime = "start_time"
  case timeSchedule = "time_schedule"
  case beforeScheduler = "before_scheduler"
  case afterScheduler = "after_scheduler"
  case beforeTask = "before_task"
  case afterTask = "after_task"
  case afterTasks = "after_tasks"

  /// Whether it takes a list, so that an empty table of Lua is an empty list there.
  var isList: Bool {
    switch self {
    case .ports, .constraints, .args, .artifactURLs, .additionalArtifacts, .dependencies: true
    default: HookPlace(self) != nil
    }
  }
}
