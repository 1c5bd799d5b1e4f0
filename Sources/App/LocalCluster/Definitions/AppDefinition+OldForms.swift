import JSON

extension AppDefinition {
  /// Turns what was given in an older form into the new one, and says what cannot stand together.
  mutating func adopt(_ old: OldFields, from body: JSONObject) -> [DefinitionFault] {
    var faults: [DefinitionFault] = []
    func has(_ key: String) -> Bool { body[key].map { !$0.isNull } ?? false }

    if let uris = old.uris, !uris.isEmpty {
      if !fetch.isEmpty {
        faults.append(DefinitionFault(path: "/uris", message: "may not be set in conjunction with fetch"))
      }
      for (index, uri) in uris.enumerated() where !FetchDefinition.isWellFormed(uri) {
        faults.append(DefinitionFault(path: "/uris(\(index))", message: "URI has invalid syntax."))
      }
      if faults.isEmpty { fetch = uris.map { FetchDefinition(uri: $0, extract: Self.isArchive($0)) } }
    }

    if let address = old.address {
      if has("ports") || has("portDefinitions") {
        faults.append(DefinitionFault(path: "/", message: "cannot specify both an IP address and port"))
      }
      if has("networks") {
        faults.append(DefinitionFault(path: "/", message: "must not specify both networks and ipAddress"))
      }
      networks = [NetworkDefinition(mode: .container, name: address.networkName, labels: address.labels)]
      if !address.mappings.isEmpty {
        if container == nil { container = ContainerDefinition(type: "MESOS") }
        container?.portMappings = address.mappings
      }
    } else if container?.oldNetwork == "BRIDGE", !has("networks") {
      networks = [NetworkDefinition(mode: .bridge)]
    }

    if networks.contains(where: { $0.mode == .host }) || networks.isEmpty {
      container?.portMappings = nil
      if let ports = old.ports {
        if has("portDefinitions"), portDefinitions?.map(\.port) != ports {
          faults.append(DefinitionFault(path: "/", message: "cannot specify both ports and port definitions"))
        }
        let portFaults = Self.faults(ofPorts: ports)
        faults += portFaults
        if portFaults.isEmpty { portDefinitions = ports.map { PortDefinition(port: $0) } }
      }
    } else {
      portDefinitions = nil
      if container == nil { container = ContainerDefinition(type: "MESOS") }
      if container?.portMappings == nil {
        let mappings =
          container?.oldPortMappings
          ?? (networks.first?.mode == .bridge ? [PortMapping(hostPort: 0, name: "default")] : [])
        container?.portMappings = mappings
      }
      if networks.first?.mode == .bridge, let mappings = container?.portMappings {
        container?.portMappings = mappings.map { mapping in
          var mapping = mapping
          mapping.hostPort = mapping.hostPort ?? 0
          return mapping
        }
      }
    }
    container?.oldNetwork = nil
    container?.oldPortMappings = nil
    return faults
  }

  private static func faults(ofPorts ports: [Int]) -> [DefinitionFault] {
    var faults: [DefinitionFault] = []
    let fixed = ports.filter { $0 != 0 }
    if Set(fixed).count != fixed.count { faults.append(DefinitionFault(path: "/", message: "ports must be unique")) }
    for (index, port) in ports.enumerated() where port < 0 {
      faults.append(
        DefinitionFault(path: "/portDefinitions(\(index))/port", message: "got \(port), expected 0 or more"))
    }
    return faults
  }

  /// Files of `uris` are extracted by their name's end.
  private static func isArchive(_ uri: String) -> Bool {
    [".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".zip", ".tar"].contains { uri.hasSuffix($0) }
  }
}
