import JSON

extension MarathonDefinition {
  static func container(_ docker: Docker) -> JSONObject {
    var container: JSONObject = ["type": "DOCKER", "docker": .object(definition(docker))]
    if !docker.volumes.isEmpty { container["volumes"] = .array(docker.volumes.map { .object(volume($0)) }) }
    return container
  }

  private static func definition(_ docker: Docker) -> JSONObject {
    var definition: JSONObject = ["forcePullImage": .bool(docker.forcePullImage), "image": .string(docker.image)]
    if !docker.network.isEmpty { definition["network"] = .string(docker.network) }
    if !docker.parameters.isEmpty {
      definition["parameters"] = .array(
        docker.parameters.map { .object(["key": .string($0.key), "value": .string($0.value)]) })
    }
    if !docker.portMappings.isEmpty {
      definition["portMappings"] = .array(docker.portMappings.map { .object(portMapping($0)) })
    }
    definition["privileged"] = .bool(docker.privileged)
    return definition
  }

  private static func portMapping(_ mapping: Docker.PortMapping) -> JSONObject {
    var json = JSONObject()
    if mapping.containerPort != 0 { json["containerPort"] = .integer(Int64(mapping.containerPort)) }
    json["hostPort"] = .integer(Int64(mapping.hostPort))
    if mapping.servicePort != 0 { json["servicePort"] = .integer(Int64(mapping.servicePort)) }
    json["protocol"] = .string(mapping.protocol)
    return json
  }

  private static func volume(_ volume: Docker.Volume) -> JSONObject {
    var json = JSONObject()
    let members = [
      ("containerPath", volume.containerPath), ("hostPath", volume.hostPath), ("mode", volume.mode),
    ]
    for (key, value) in members where !value.isEmpty { json[key] = .string(value) }
    return json
  }
}
