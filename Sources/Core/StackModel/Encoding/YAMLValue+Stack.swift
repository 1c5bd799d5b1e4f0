/// The parts of an application as YAML.
extension YAMLValue {
  init(sorting map: OrderedMap<String>) {
    self = .mapping(
      NaturalOrder.sorted(map.keys).map { key in Entry(key: .text(key), value: .text(map[key] ?? "")) })
  }

  init(_ tasks: [ApplicationTask]) {
    self = .mapping(tasks.map { Entry(key: YAMLValue($0.key), value: YAMLValue($0.value)) })
  }

  init(_ value: TaskValue) {
    self =
      switch value {
      case .null: .bare("null")
      case .boolean(let value): .bare(value ? "true" : "false")
      case .integer(let value): .bare("\(value)")
      case .unsigned(let value): .bare("\(value)")
      case .number(let value): .float(value)
      case .string(let value): .text(value)
      case .list(let items): .sequence(items.map { YAMLValue($0) })
      case .map(let entries):
        .mapping(entries.map { Entry(key: YAMLValue($0.key), value: YAMLValue($0.value)) })
      }
  }

  init(_ healthCheck: HealthCheck) {
    switch healthCheck {
    case .path(let path):
      self = .text(path)
    case .check(let definition):
      var fields = YAMLFields()
      fields.add("protocol", definition.probe.rawValue)
      if let path = definition.path { fields.add("path", value: .text(path)) }
      if let command = definition.command { fields.add("command", value: .text(command)) }
      if let port = definition.port { fields.add("port", value: .bare("\(port)")) }
      fields.add("interval", definition.interval)
      fields.add("timeout", definition.timeout)
      fields.add("grace", definition.grace)
      if let failures = definition.failures { fields.add("failures", value: .bare("\(failures)")) }
      self = fields.value
    }
  }

  init(_ docker: Docker) {
    var fields = YAMLFields()
    fields.add("force_pull_image", docker.forcePullImage)
    fields.add("image", docker.image)
    fields.add("network", docker.network)
    fields.add("parameters", docker.parameters)
    if !docker.portMappings.isEmpty {
      fields.add("port_mappings", value: .sequence(docker.portMappings.map { YAMLValue($0) }))
    }
    fields.add("privileged", docker.privileged)
    if !docker.volumes.isEmpty { fields.add("volumes", value: .sequence(docker.volumes.map { YAMLValue($0) })) }
    self = fields.value
  }

  private init(_ mapping: Docker.PortMapping) {
    var fields = YAMLFields()
    fields.add("container_port", mapping.containerPort)
    // These two the original prints even where they are empty.
    fields.add("host_port", value: .bare("\(mapping.hostPort)"))
    fields.add("service_port", mapping.servicePort)
    fields.add("protocol", value: .text(mapping.protocol))
    self = fields.value
  }

  private init(_ volume: Docker.Volume) {
    var fields = YAMLFields()
    fields.add("container_path", volume.containerPath)
    fields.add("host_path", volume.hostPath)
    fields.add("mode", volume.mode)
    self = fields.value
  }
}
