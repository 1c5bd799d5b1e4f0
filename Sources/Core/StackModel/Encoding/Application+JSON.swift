package import JSON

extension Application {
  /// The canonical form in JSON, as in `Stack.json`. Fields that were set to `null` are listed under `unset`, those that
  /// were written as an empty list under `emptyLists`.
  /// An application that was written as `null` is `null`.
  package var json: JSON {
    guard !isNull else { return .null }
    var object: JSONObject = [:]
    for field in ApplicationField.allCases { write(field, to: &object) }
    object.set("unset", ApplicationField.allCases.filter(unset.contains).map(\.rawValue))
    object.set("emptyLists", ApplicationField.allCases.filter(emptyLists.contains).map(\.rawValue))
    return .object(object)
  }

  package init(json: JSON) throws(JSONDecodingError) {
    try self.init(JSONPlace(json))
  }

  init(_ place: JSONPlace) throws(JSONDecodingError) {
    self.init()
    guard !place.value.isNull else {
      isNull = true
      return
    }
    guard place.value.objectValue != nil else { throw place.mismatch("an object") }
    for field in ApplicationField.allCases {
      if let value = place[field.rawValue] { try read(field, from: value) }
    }
    unset = try Self.fields(place["unset"])
    emptyLists = try Self.fields(place["emptyLists"])
  }

  /// What `json` has of a field; nil where it is empty.
  func json(of field: ApplicationField) -> JSON? {
    var object: JSONObject = [:]
    write(field, to: &object)
    return object[field.rawValue]
  }

  private static func fields(_ place: JSONPlace?) throws(JSONDecodingError) -> Set<ApplicationField> {
    Set((try place?.strings() ?? []).compactMap(ApplicationField.init(rawValue:)))
  }

  private func write(_ field: ApplicationField, to object: inout JSONObject) {
    let key = field.rawValue
    switch field {
    case .type: object.set(key, type)
    case .id: object.set(key, id)
    case .version: object.set(key, version)
    case .cpu: object.set(key, cpu)
    case .mem: object.set(key, mem)
    case .ports: object.set(key, ports.map { JSON.integer(Int64($0)) })
    case .instances: object.set(key, instances)
    case .constraints: object.set(key, constraints.map { .array($0.map { .string($0) }) })
    case .user: object.set(key, user)
    case .healthcheck: object[key] = healthcheck?.json
    case .launchCommand: object.set(key, launchCommand)
    case .args: object.set(key, args)
    case .env: object.set(key, env)
    case .artifactURLs: object.set(key, artifactURLs)
    case .additionalArtifacts: object.set(key, additionalArtifacts)
    case .scheduler: object.set(key, scheduler)
    case .tasks: if !tasks.isEmpty { object[key] = TaskValue(tasks).json }
    case .dependencies: object.set(key, dependencies)
    case .docker: object[key] = docker?.json
    case .startTime: object.set(key, startTime)
    case .timeSchedule: object.set(key, timeSchedule)
    case .beforeScheduler, .afterScheduler, .beforeTask, .afterTask, .afterTasks:
      if let place = HookPlace(field) { object.set(key, hooks[place].map(\.json)) }
    }
  }

  private mutating func read(_ field: ApplicationField, from place: JSONPlace) throws(JSONDecodingError) {
    switch field {
    case .type: type = try place.string()
    case .id: id = try place.string()
    case .version: version = try place.string()
    case .cpu: cpu = try place.double()
    case .mem: mem = try place.double()
    case .ports: ports = try place.list { (port) throws(JSONDecodingError) in try port.integer() }
    case .instances: instances = try place.string()
    case .constraints:
      constraints = try place.list { (constraint) throws(JSONDecodingError) in try constraint.strings() }
    case .user: user = try place.string()
    case .healthcheck: healthcheck = try HealthCheck(place)
    case .launchCommand: launchCommand = try place.string()
    case .args: args = try place.strings()
    case .env: env = try place.stringMap()
    case .artifactURLs: artifactURLs = try place.strings()
    case .additionalArtifacts: additionalArtifacts = try place.strings()
    case .scheduler: scheduler = try place.stringMap()
    case .tasks: tasks = try TaskValue(place).tasks(place)
    case .dependencies: dependencies = try place.strings()
    case .docker: docker = try Docker(place)
    case .startTime: startTime = try place.string()
    case .timeSchedule: timeSchedule = try place.string()
    case .beforeScheduler, .afterScheduler, .beforeTask, .afterTask, .afterTasks:
      guard let hook = HookPlace(field) else { return }
      hooks[hook] = try place.list { (command) throws(JSONDecodingError) in try HookCommand(command) }
    }
  }
}
