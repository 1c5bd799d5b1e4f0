import JSON

extension AppDefinition {
  private static let reserved = ["restart", "tasks", "versions"]

  /// What Marathon answers with 500, by its own mistake; clients know the texts.
  func refuseUnsupported() throws(DefinitionError) {
    for check in healthChecks {
      if check.kind == .command, check.command == nil {
        throw .unsupported("illegal protocol COMMAND for non-command health check")
      }
      if check.kind != .command, check.command != nil {
        throw .unsupported("illegal protocol \(check.kind.rawValue) specified with command")
      }
    }
    for constraint in constraints {
      if let fault = constraint.illegalSpecification { throw .unsupported(fault) }
    }
  }

  /// Everything that is wrong with the definition as a whole, except for what other applications decide.
  func faults() -> [DefinitionFault] {
    var faults: [DefinitionFault] = []
    func fault(_ path: String, _ message: String) { faults.append(DefinitionFault(path: path, message: message)) }

    if id == "/" {
      fault("/id", "Path must contain at least one path element")
      fault("/", "must not be root")
    }
    if let last = AppPath.segments(id).last, Self.reserved.contains(last) {
      fault("/id", "must not end with any of the following reserved keywords: restart, tasks, versions")
    }
    let hasContainerWithCommand = container?.docker != nil || (container != nil && container?.type == "MESOS")
    if (cmd != nil && !args.isEmpty) || (cmd == nil && args.isEmpty && !hasContainerWithCommand && container == nil) {
      fault("/", "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.")
    }
    if let cmd, cmd.count < 2 || cmd.allSatisfy(\.isWhitespace) { fault("/", "must not be an empty string") }
    if gpus > 0 {
      fault("/", "Feature gpu_resources is not enabled. Enable with --enable_features gpu_resources)")
    }
    for constraint in constraints {
      if let message = constraint.fault { fault("/constraints", message) }
    }
    if acceptedResourceRoles?.isEmpty == true { fault("/acceptedResourceRoles", "must not be empty") }
    for (name, value) in env where value.objectValue != nil {
      fault("/env", "use of secret-references in the environment requires the secrets feature to be enabled")
      fault("/env/\(name)/secret", "references an undefined secret")
    }
    for (index, file) in fetch.enumerated() where !FetchDefinition.isWellFormed(file.uri) {
      fault("/fetch(\(index))/uri", "URI has invalid syntax.")
    }
    for (index, dependency) in dependencies.enumerated() where !AppPath.isWellFormed(dependency) {
      fault(
        "/dependencies(\(index))",
        "must fully match regular expression "
          + #"'^(([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])|(\.|\.\.)$'"#)
    }
    if dependencies.contains(id) { fault("/", "Dependency graph has cyclic dependencies.") }
    if case .after(let inactive, let expunge) = unreachableStrategy, inactive > expunge {
      fault("/unreachableStrategy/inactiveAfter", "got \(inactive) seconds, expected \(expunge) seconds or less")
    }
    return faults + portFaults() + containerFaults() + healthCheckFaults()
  }

  private func portFaults() -> [DefinitionFault] {
    var faults: [DefinitionFault] = []
    let fixed = (portDefinitions ?? []).map(\.port).filter { $0 != 0 }
    if Set(fixed).count != fixed.count {
      faults.append(DefinitionFault(path: "/portDefinitions", message: "Ports must be unique."))
    }
    let names = (portDefinitions ?? []).compactMap(\.name)
    if Set(names).count != names.count {
      faults.append(DefinitionFault(path: "/portDefinitions", message: "Port names must be unique."))
    }
    return faults
  }

  private func containerFaults() -> [DefinitionFault] {
    var faults: [DefinitionFault] = []
    if let container, container.type == "DOCKER", container.docker == nil {
      faults.append(DefinitionFault(path: "/container/docker", message: "not defined"))
    }
    for (index, volume) in (container?.volumes ?? []).enumerated() {
      if volume["persistent"] != nil, volume["containerPath"]?.stringValue?.contains("/") == true {
        faults.append(
          DefinitionFault(
            path: "/container/volumes(\(index))/containerPath", message: #"value must not contain "/""#))
      }
    }
    let hosts = networks.filter { $0.mode == .host }.count
    let bridges = networks.filter { $0.mode == .bridge }.count
    if hosts + bridges > 1 || (hosts + bridges == 1 && networks.count > 1) {
      faults.append(
        DefinitionFault(
          path: "/networks",
          message: "May specify a single host network, single bridge network, or else 1-to-n container networks"))
    }
    if networks.contains(where: { $0.mode == .container && ($0.name ?? "").isEmpty }) {
      faults.append(
        DefinitionFault(
          path: "/networks", message: "Network name must be specified when container network is selected."))
    }
    return faults
  }

  private func healthCheckFaults() -> [DefinitionFault] {
    var faults: [DefinitionFault] = []
    for (index, check) in healthChecks.enumerated() where check.kind != .command && check.port == nil {
      if (check.portIndex ?? 0) >= portCount {
        faults.append(
          DefinitionFault(
            path: "/healthChecks(\(index))",
            message: "Health check port indices must address an element of the ports array or container port mappings."
          ))
      }
    }
    let names = Set(portNames.compactMap { $0 })
    for (index, check) in readinessChecks.enumerated() {
      if let name = check["portName"]?.stringValue, !names.contains(name) {
        faults.append(
          DefinitionFault(
            path: "/readinessChecks(\(index))/portName", message: "No port definition reference for portName \(name)"))
      }
    }
    return faults
  }
}
