import JSON

/// A port of an application on its agent's own network. `port` is the service port: 0 asks for one.
struct PortDefinition: Sendable, Hashable {
  var port = 0
  var name: String?
  var protocols = "tcp"
  var labels = JSONObject()

  var json: JSON {
    var object: JSONObject = ["port": .integer(Int64(port))]
    if !labels.isEmpty { object["labels"] = .object(labels) }
    if let name { object["name"] = .string(name) }
    object["protocol"] = .string(protocols)
    return .object(object)
  }

  static let protocolLiterals = ["tcp", "udp", "udp,tcp", "tcp,udp"]

  static func read(_ reader: inout DefinitionReader) -> PortDefinition? {
    var definition = PortDefinition()
    definition.port = reader.integer("port") ?? 0
    definition.name = reader.string("name")
    if let name = definition.name, !isPortName(name) { reader.fault("name", "error.pattern") }
    if let literal = reader.literal("protocol", of: protocolLiterals) {
      definition.protocols = literal == "tcp,udp" ? "udp,tcp" : literal
    }
    definition.labels = reader.stringMap("labels") ?? JSONObject()
    return definition
  }

  /// `^[a-z]([-a-z0-9]*[a-z0-9])?$`, with capitals as Marathon 1.6 takes them.
  static func isPortName(_ name: String) -> Bool {
    guard let first = name.utf8.first, let last = name.utf8.last else { return false }
    func isLetter(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    return isLetter(first) && (isLetter(last) || isDigit(last))
      && name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
  }
}

/// A port of an application that has an address of its own.
struct PortMapping: Sendable, Hashable {
  var containerPort = 0
  var hostPort: Int?
  var name: String?
  var protocols = "tcp"
  var servicePort = 0
  var labels = JSONObject()

  var json: JSON {
    var object: JSONObject = ["containerPort": .integer(Int64(containerPort))]
    if let hostPort { object["hostPort"] = .integer(Int64(hostPort)) }
    object["labels"] = .object(labels)
    if let name { object["name"] = .string(name) }
    object["protocol"] = .string(protocols)
    object["servicePort"] = .integer(Int64(servicePort))
    return .object(object)
  }

  static func read(_ reader: inout DefinitionReader) -> PortMapping? {
    var mapping = PortMapping()
    mapping.containerPort = reader.integer("containerPort") ?? 0
    mapping.hostPort = reader.integer("hostPort", maximum: 65535)
    mapping.name = reader.string("name")
    if let literal = reader.literal("protocol", of: PortDefinition.protocolLiterals) {
      mapping.protocols = literal == "tcp,udp" ? "udp,tcp" : literal
    }
    mapping.servicePort = reader.integer("servicePort") ?? 0
    mapping.labels = reader.stringMap("labels") ?? JSONObject()
    return mapping
  }
}
