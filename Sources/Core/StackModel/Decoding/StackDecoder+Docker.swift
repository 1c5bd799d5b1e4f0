/// The container of an application.
extension StackDecoder {
  private static let dockerFields = [
    "force_pull_image", "image", "network", "parameters", "port_mappings", "privileged", "volumes",
  ]

  mutating func docker(_ node: YAMLNode, into docker: inout Docker?) {
    var result = docker ?? Docker()
    let decoded = mapping(node, as: .docker) { decoder, key, value in
      guard let name = decoder.key(key) else { return }
      decoder.inside(.key(name), key: key, value: value) { decoder in
        switch name {
        case "force_pull_image": decoder.assign(decoder.boolean(value), to: &result.forcePullImage, empty: false)
        case "image": decoder.assign(decoder.text(value), to: &result.image, empty: "")
        case "network": decoder.assign(decoder.text(value), to: &result.network, empty: "")
        case "parameters": decoder.textMap(value, into: &result.parameters)
        case "port_mappings":
          let mappings = decoder.list(value, as: .portMappings, empty: .init()) { $0.portMapping($1) }
          decoder.assign(mappings, to: &result.portMappings, empty: [])
        case "privileged": decoder.assign(decoder.boolean(value), to: &result.privileged, empty: false)
        case "volumes":
          let volumes = decoder.list(value, as: .volumes, empty: .init()) { $0.volume($1) }
          decoder.assign(volumes, to: &result.volumes, empty: [])
        default: decoder.unknown(name, key: key, among: Self.dockerFields)
        }
      }
    }
    switch decoded {
    case .value: docker = result
    case .null: docker = nil
    case .failed: break
    }
  }

  private mutating func portMapping(_ node: YAMLNode) -> Decoded<Docker.PortMapping> {
    var mapping = Docker.PortMapping()
    let decoded = self.mapping(node, as: .portMapping) { decoder, key, value in
      guard let name = decoder.key(key) else { return }
      decoder.inside(.key(name), key: key, value: value) { decoder in
        switch name {
        case "container_port": decoder.assign(decoder.wholeNumber(value), to: &mapping.containerPort, empty: 0)
        case "host_port": decoder.assign(decoder.wholeNumber(value), to: &mapping.hostPort, empty: 0)
        case "service_port": decoder.assign(decoder.wholeNumber(value), to: &mapping.servicePort, empty: 0)
        case "protocol": decoder.assign(decoder.text(value), to: &mapping.protocol, empty: "")
        default:
          decoder.unknown(name, key: key, among: ["container_port", "host_port", "service_port", "protocol"])
        }
      }
    }
    return decoded.map { mapping }
  }

  private mutating func volume(_ node: YAMLNode) -> Decoded<Docker.Volume> {
    var volume = Docker.Volume()
    let decoded = mapping(node, as: .volume) { decoder, key, value in
      guard let name = decoder.key(key) else { return }
      decoder.inside(.key(name), key: key, value: value) { decoder in
        switch name {
        case "container_path": decoder.assign(decoder.text(value), to: &volume.containerPath, empty: "")
        case "host_path": decoder.assign(decoder.text(value), to: &volume.hostPath, empty: "")
        case "mode": decoder.assign(decoder.text(value), to: &volume.mode, empty: "")
        default: decoder.unknown(name, key: key, among: ["container_path", "host_path", "mode"])
        }
      }
    }
    return decoded.map { volume }
  }
}
