import JSON

/// The network of an application. Everything here runs on the host's network; the definition is kept as it was given.
struct NetworkDefinition: Sendable, Hashable {
  enum Mode: String, Sendable, Hashable {
    case host
    case bridge = "container/bridge"
    case container
  }

  var mode: Mode
  var name: String?
  var labels = JSONObject()

  var json: JSON {
    var object = JSONObject()
    if let name { object["name"] = .string(name) }
    object["mode"] = .string(mode.rawValue)
    if !labels.isEmpty { object["labels"] = .object(labels) }
    return .object(object)
  }

  static func read(_ reader: inout DefinitionReader) -> NetworkDefinition? {
    var network = NetworkDefinition(mode: .container)
    if reader.has("mode") {
      guard let literal = reader.literal("mode", of: ["host", "container/bridge", "container"]) else { return nil }
      network.mode = Mode(rawValue: literal) ?? .container
    }
    network.name = reader.string("name")
    network.labels = reader.stringMap("labels") ?? JSONObject()
    return network
  }
}
