extension Application {
  /// This application with a child's laid over it.
  ///
  /// A field that the child sets replaces this one's, lists and tasks as a whole; `scheduler` and `env` go key by key,
  /// an empty text removing the key; an explicit `null` empties the field.
  package func merging(_ child: Application) -> Application {
    var result = self
    for field in ApplicationField.allCases { result.merge(field, from: child) }
    return result
  }

  private mutating func merge(_ field: ApplicationField, from child: Application) {
    if child.unset.contains(field) {
      copy(field, from: Application())
      // Remembered, so that it also holds where the result is laid over something else.
      unset.insert(field)
      emptyLists.remove(field)
      return
    }
    guard !child.isEmpty(field) else { return }
    unset.remove(field)
    switch field {
    case .scheduler: scheduler.merge(child.scheduler)
    case .env: env.merge(child.env)
    default: copy(field, from: child)
    }
  }

  /// Whether a field says nothing: what the author left out, or what the original takes for left out.
  package func isEmpty(_ field: ApplicationField) -> Bool {
    switch field {
    case .type: type.isEmpty
    case .id: id.isEmpty
    case .version: version.isEmpty
    case .cpu: cpu == 0
    case .mem: mem == 0
    case .ports: ports.isEmpty
    case .instances: instances.isEmpty
    case .constraints: constraints.isEmpty
    case .user: user.isEmpty
    case .healthcheck: healthcheck == nil
    case .launchCommand: launchCommand.isEmpty
    case .args: args.isEmpty
    case .env: env.isEmpty
    case .artifactURLs: artifactURLs.isEmpty
    case .additionalArtifacts: additionalArtifacts.isEmpty
    case .scheduler: scheduler.isEmpty
    case .tasks: tasks.isEmpty
    case .dependencies: dependencies.isEmpty
    case .docker: docker == nil
    case .startTime: startTime.isEmpty
    case .timeSchedule: timeSchedule.isEmpty
    case .beforeScheduler, .afterScheduler, .beforeTask, .afterTask, .afterTasks:
      HookPlace(field).map { hooks[$0].isEmpty } ?? true
    }
  }

  /// Takes one field over from another application.
  package mutating func copy(_ field: ApplicationField, from other: Application) {
    if other.emptyLists.contains(field) { emptyLists.insert(field) } else { emptyLists.remove(field) }
    switch field {
    case .type: type = other.type
    case .id: id = other.id
    case .version: version = other.version
    case .cpu: cpu = other.cpu
    case .mem: mem = other.mem
    case .ports: ports = other.ports
    case .instances: instances = other.instances
    case .constraints: constraints = other.constraints
    case .user: user = other.user
    case .healthcheck: healthcheck = other.healthcheck
    case .launchCommand: launchCommand = other.launchCommand
    case .args: args = other.args
    case .env: env = other.env
    case .artifactURLs: artifactURLs = other.artifactURLs
    case .additionalArtifacts: additionalArtifacts = other.additionalArtifacts
    case .scheduler: scheduler = other.scheduler
    case .tasks: tasks = other.tasks
    case .dependencies: dependencies = other.dependencies
    case .docker: docker = other.docker
    case .startTime: startTime = other.startTime
    case .timeSchedule: timeSchedule = other.timeSchedule
    case .beforeScheduler, .afterScheduler, .beforeTask, .afterTask, .afterTasks:
      if let place = HookPlace(field) { hooks[place] = other.hooks[place] }
    }
  }
}

extension OrderedMap<String> {
  /// Key by key; new keys come last, an empty text removes.
  fileprivate mutating func merge(_ child: OrderedMap<String>) {
    var removed: Set<String> = []
    for (key, value) in child {
      if value.isEmpty { removed.insert(key) } else { self[key] = value }
    }
    remove(removed)
  }
}
