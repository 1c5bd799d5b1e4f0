/// The fields of a mapping as they are collected; empty ones are left out, as Go's `omitempty` does.
struct YAMLFields {
  private var entries: [YAMLValue.Entry] = []

  var value: YAMLValue { .mapping(entries) }

  mutating func add(_ name: String, value: YAMLValue) {
    entries.append(YAMLValue.Entry(key: .text(name), value: value))
  }

  mutating func add(_ name: String, _ text: String) {
    if !text.isEmpty { add(name, value: .text(text)) }
  }

  mutating func add(_ name: String, _ number: Double) {
    if number != 0 { add(name, value: .float(number)) }
  }

  mutating func add(_ name: String, _ number: Int) {
    if number != 0 { add(name, value: .bare("\(number)")) }
  }

  mutating func add(_ name: String, _ flag: Bool) {
    if flag { add(name, value: .bare("true")) }
  }

  mutating func add(_ name: String, _ texts: [String]) {
    if !texts.isEmpty { add(name, value: .sequence(texts.map(YAMLValue.text))) }
  }

  mutating func add(_ name: String, _ map: OrderedMap<String>) {
    if !map.isEmpty { add(name, value: YAMLValue(sorting: map)) }
  }

  mutating func add(_ name: String, _ duration: Duration?) {
    if let duration { add(name, value: .text(GoDuration.text(duration))) }
  }

  mutating func add(_ field: ApplicationField, of application: Application) {
    let name = field.rawValue
    switch field {
    case .type: add(name, application.type)
    case .id: add(name, application.id)
    case .version: add(name, application.version)
    case .cpu: add(name, application.cpu)
    case .mem: add(name, application.mem)
    case .ports:
      if !application.ports.isEmpty { add(name, value: .sequence(application.ports.map { .bare("\($0)") })) }
    case .instances: add(name, application.instances)
    case .constraints:
      let constraints = application.constraints.map { YAMLValue.sequence($0.map(YAMLValue.text)) }
      if !constraints.isEmpty { add(name, value: .sequence(constraints)) }
    case .user: add(name, application.user)
    case .healthcheck: if let healthCheck = application.healthcheck { add(name, value: YAMLValue(healthCheck)) }
    case .launchCommand: add(name, application.launchCommand)
    case .args: add(name, application.args)
    case .env: add(name, application.env)
    case .artifactURLs: add(name, application.artifactURLs)
    case .additionalArtifacts: add(name, application.additionalArtifacts)
    case .scheduler: add(name, application.scheduler)
    case .tasks: if !application.tasks.isEmpty { add(name, value: YAMLValue(application.tasks)) }
    case .dependencies: add(name, application.dependencies)
    case .docker: if let docker = application.docker { add(name, value: YAMLValue(docker)) }
    case .startTime: add(name, application.startTime)
    case .timeSchedule: add(name, application.timeSchedule)
    case .beforeScheduler, .afterScheduler, .beforeTask, .afterTask, .afterTasks:
      guard let place = HookPlace(field) else { return }
      let commands = application.hooks[place]
      if !commands.isEmpty { add(name, value: .sequence(commands.map(YAMLValue.init))) }
    }
  }
}
