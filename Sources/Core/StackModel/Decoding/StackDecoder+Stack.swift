/// The fields of a stack and of an application.
extension StackDecoder {
  /// The whole document; an empty one is an empty stack, as in the original.
  mutating func stack() -> Stack {
    var stack = Stack()
    guard let root else { return stack }
    recordRoot(root)
    _ = mapping(root, as: .stack) { decoder, key, value in
      guard let name = decoder.key(key) else { return }
      decoder.inside(.key(name), key: key, value: value) { decoder in
        decoder.stackField(name, key: key, value: value, of: &stack)
      }
    }
    return stack
  }

  private static let stackFields = ["name", "from", "namespace", "layer", "applications", "grants", "vars"]

  private mutating func stackField(_ name: String, key: YAMLNode, value: YAMLNode, of stack: inout Stack) {
    switch name {
    case "name": assign(text(value), to: &stack.name, empty: "")
    case "from": assign(text(value), to: &stack.from, empty: "")
    case "namespace": assign(text(value), to: &stack.namespace, empty: "")
    case "layer": assign(isLua ? level(value) : wholeNumber(value), to: &stack.layer, empty: 0)
    case "grants": assign(texts(value).map { $0 }, to: &stack.grants, empty: nil)
    case "vars": variables(value, into: &stack.variables)
    case "applications": applications(value, into: &stack.applications)
    case "run" where isLua: assign(runFunction(value).map { $0 }, to: &stack.run, empty: nil)
    default: unknown(name, key: key, among: Self.stackFields + (isLua ? ["run"] : []))
    }
  }

  /// The number of a layer, or its name.
  private mutating func level(_ node: YAMLNode) -> Decoded<Int> {
    guard case .scalar(let scalar) = node.content, !scalar.isPlain else { return wholeNumber(node) }
    if let level = LayerLevel(name: scalar.text) { return .value(level.rawValue) }
    mismatch(node, tag: YAMLTag.string, .level)
    return .failed
  }

  /// What a stack that is Lua runs in place of its graph.
  private mutating func runFunction(_ node: YAMLNode) -> Decoded<HookScript> {
    guard case .function(let place) = node.content else { return scalar(node, as: .function) { _, _ in nil } }
    return .value(HookScript(.function(.run), file: place.file, line: place.line))
  }

  private mutating func applications(_ node: YAMLNode, into applications: inout OrderedMap<Application>) {
    var result = applications
    let decoded = mapping(node, as: .applications) { decoder, key, value in
      guard let name = decoder.key(key) else { return }
      decoder.inside(.key(name), key: key, value: value) { decoder in
        switch decoder.application(value) {
        case .value(let application): result[name] = application
        case .null:
          var application = Application()
          application.isNull = true
          result[name] = application
        case .failed: break
        }
      }
    }
    applications = if case .null = decoded { [:] } else { result }
  }

  private mutating func application(_ node: YAMLNode) -> Decoded<Application> {
    var application = Application()
    let decoded = mapping(node, as: .application) { decoder, key, value in
      guard let name = decoder.key(key) else { return }
      decoder.inside(.key(name), key: key, value: value) { decoder in
        if let field = ApplicationField(rawValue: name) {
          decoder.field(field, value, of: &application)
        } else if name == "rwmutex" {
          // The original prints this lock of its own and therefore reads it.
          _ = decoder.mapping(value, as: .lock) { _, _, _ in }
        } else {
          decoder.unknown(name, key: key, among: ApplicationField.allCases.map(\.rawValue))
        }
      }
    }
    return decoded.map { application }
  }

  private mutating func field(_ field: ApplicationField, _ node: YAMLNode, of application: inout Application) {
    if isNull(node) { application.unset.insert(field) } else { application.unset.remove(field) }
    if isEmptyList(node, field) { application.emptyLists.insert(field) } else { application.emptyLists.remove(field) }
    switch field {
    case .type: assign(text(node), to: &application.type, empty: "")
    case .id: assign(text(node), to: &application.id, empty: "")
    case .version: assign(text(node), to: &application.version, empty: "")
    case .cpu: assign(number(node), to: &application.cpu, empty: 0)
    case .mem: assign(number(node), to: &application.mem, empty: 0)
    case .ports:
      let ports = list(node, as: .wholeNumbers, empty: 0) { decoder, item in decoder.wholeNumber(item) }
      assign(ports, to: &application.ports, empty: [])
    case .instances: assign(countText(node), to: &application.instances, empty: "")
    case .constraints:
      let constraints = list(node, as: .constraints, empty: []) { decoder, item in decoder.texts(item) }
      assign(constraints, to: &application.constraints, empty: [])
    case .user: assign(text(node), to: &application.user, empty: "")
    case .healthcheck: healthCheck(node, into: &application.healthcheck)
    case .launchCommand: assign(text(node), to: &application.launchCommand, empty: "")
    case .args: assign(texts(node), to: &application.args, empty: [])
    case .env: textMap(node, into: &application.env)
    case .artifactURLs: assign(texts(node), to: &application.artifactURLs, empty: [])
    case .additionalArtifacts: assign(texts(node), to: &application.additionalArtifacts, empty: [])
    case .scheduler: textMap(node, into: &application.scheduler)
    case .tasks: assign(tasks(node), to: &application.tasks, empty: [])
    case .dependencies: assign(texts(node), to: &application.dependencies, empty: [])
    case .docker: docker(node, into: &application.docker)
    case .startTime: assign(text(node), to: &application.startTime, empty: "")
    case .timeSchedule: assign(text(node), to: &application.timeSchedule, empty: "")
    case .beforeScheduler, .afterScheduler, .beforeTask, .afterTask, .afterTasks:
      guard let place = HookPlace(field) else { return }
      assign(hookCommands(node, place), to: &application.hooks[place], empty: [])
    }
  }

  /// A value that failed leaves the field as it was.
  func assign<Value>(_ decoded: Decoded<Value>, to field: inout Value, empty: Value) {
    switch decoded {
    case .value(let value): field = value
    case .null: field = empty
    case .failed: break
    }
  }

  mutating func unknown(_ name: String, key: YAMLNode, among known: [String]) {
    if name.hasPrefix("x-") { return }
    let nearest = NearestName.to(name, among: known)
    warn(.unknownField, at: key, "unknown field, ignored", hint: nearest.map { "did you mean \"\($0)\"?" })
  }

  private func isNull(_ node: YAMLNode) -> Bool {
    guard case .scalar(let value) = target(of: node).content, let resolution = try? YAMLResolution.resolve(value) else {
      return false
    }
    return resolution.value == .null
  }

  private func isEmptyList(_ node: YAMLNode, _ field: ApplicationField) -> Bool {
    if isLua { return field.isList && items(of: node)?.isEmpty == true }
    return items(of: target(of: node))?.isEmpty == true
  }

  /// What an alias stands for.
  private func target(of node: YAMLNode) -> YAMLNode {
    if case .alias(let name) = node.content, let target = anchor(name) { target } else { node }
  }
}
