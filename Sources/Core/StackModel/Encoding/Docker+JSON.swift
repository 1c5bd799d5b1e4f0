import JSON

extension Docker {
  var json: JSON {
    var object: JSONObject = [:]
    object.set("force_pull_image", forcePullImage)
    object.set("image", image)
    object.set("network", network)
    object.set("parameters", parameters)
    object.set("port_mappings", portMappings.map(\.json))
    object.set("privileged", privileged)
    object.set("volumes", volumes.map(\.json))
    return .object(object)
  }

  init(_ place: JSONPlace) throws(JSONDecodingError) {
    guard place.value.objectValue != nil else { throw place.mismatch("an object") }
    self.init()
    forcePullImage = try place["force_pull_image"]?.bool() ?? false
    image = try place["image"]?.string() ?? ""
    network = try place["network"]?.string() ?? ""
    parameters = try place["parameters"]?.stringMap() ?? [:]
    portMappings =
      try place["port_mappings"]?.list { (place) throws(JSONDecodingError) in try PortMapping(place) } ?? []
    privileged = try place["privileged"]?.bool() ?? false
    volumes = try place["volumes"]?.list { (place) throws(JSONDecodingError) in try Volume(place) } ?? []
  }
}

extension Docker.PortMapping {
  fileprivate var json: JSON {
    var object: JSONObject = [:]
    object.set("container_port", containerPort)
    object.set("host_port", hostPort)
    object.set("service_port", servicePort)
    object.set("protocol", `protocol`)
    return .object(object)
  }

  fileprivate init(_ place: JSONPlace) throws(JSONDecodingError) {
    guard place.value.objectValue != nil else { throw place.mismatch("an object") }
    self.init()
    containerPort = try place["container_port"]?.integer() ?? 0
    hostPort = try place["host_port"]?.integer() ?? 0
    servicePort = try place["service_port"]?.integer() ?? 0
    `protocol` = try place["protocol"]?.string() ?? ""
  }
}

extension Docker.Volume {
  fileprivate var json: JSON {
    var object: JSONObject = [:]
    object.set("container_path", containerPath)
    object.set("host_path", hostPath)
    object.set("mode", mode)
    return .object(object)
  }

  fileprivate init(_ place: JSONPlace) throws(JSONDecodingError) {
    guard place.value.objectValue != nil else { throw place.mismatch("an object") }
    self.init()
    containerPath = try place["container_path"]?.string() ?? ""
    hostPath = try place["host_path"]?.string() ?? ""
    mode = try place["mode"]?.string() ?? ""
  }
}
