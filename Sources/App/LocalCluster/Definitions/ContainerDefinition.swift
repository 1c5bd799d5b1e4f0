import JSON

/// A container as it was asked for. No container is made here: a command runs as a plain process, an image without one cannot run.
struct ContainerDefinition: Sendable, Hashable {
  struct Docker: Sendable, Hashable {
    var image: String
    var forcePullImage = false
    var privileged = false
    var parameters: [JSON] = []
  }

  var type = "DOCKER"
  var docker: Docker?
  var volumes: [JSON] = []
  /// `nil` on the host's network.
  var portMappings: [PortMapping]?

  /// What the old `docker.network` and `docker.portMappings` said; the definition turns them into the new form.
  var oldNetwork: String?
  var oldPortMappings: [PortMapping]?

  var json: JSON {
    var object: JSONObject = ["type": .string(type)]
    if let docker {
      object["docker"] = [
        "forcePullImage": .bool(docker.forcePullImage),
        "image": .string(docker.image),
        "parameters": .array(docker.parameters),
        "privileged": .bool(docker.privileged),
      ]
    }
    object["volumes"] = .array(volumes)
    if let portMappings { object["portMappings"] = .array(portMappings.map(\.json)) }
    return .object(object)
  }

  static func read(_ reader: inout DefinitionReader) -> ContainerDefinition? {
    var container = ContainerDefinition()
    if let literal = reader.literal("type", of: ["DOCKER", "MESOS"]) { container.type = literal }
    container.docker = reader.nested("docker") { docker in
      container.oldNetwork = docker.literal("network", of: ["BRIDGE", "HOST", "NONE", "USER"])
      container.oldPortMappings = docker.objects("portMappings", PortMapping.read)
      guard docker.has("image") else {
        docker.missing("image")
        return nil
      }
      guard let image = docker.string("image", minimumLength: 1) else { return nil }
      return Docker(
        image: image,
        forcePullImage: docker.bool("forcePullImage") ?? false,
        privileged: docker.bool("privileged") ?? false,
        parameters: docker.array("parameters") ?? [])
    }
    container.volumes = reader.objects("volumes", readVolume) ?? []
    container.portMappings = reader.objects("portMappings", PortMapping.read)
    return container
  }

  private static func readVolume(_ reader: inout DefinitionReader) -> JSON? {
    var volume = JSONObject()
    if reader.has("containerPath") {
      if let path = reader.string("containerPath") { volume["containerPath"] = .string(path) }
    } else {
      reader.missing("containerPath")
    }
    if let path = reader.string("hostPath") { volume["hostPath"] = .string(path) }
    if let persistent = reader.member("persistent") { volume["persistent"] = .object(persistent) }
    if let external = reader.member("external") { volume["external"] = .object(external) }
    if reader.has("mode") {
      if let mode = reader.literal("mode", of: ["RO", "RW"]) { volume["mode"] = .string(mode) }
    } else {
      reader.missing("mode")
    }
    return .object(volume)
  }
}
