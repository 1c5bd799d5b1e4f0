import Concurrency
package import JSON

extension AppDefinition {
  /// Reads the body of `POST /v2/apps`, or of one application in a list (`path` is then `(0)`, `(1)` …).
  ///
  /// - Parameter id: the id from the request's path, which counts in place of the body's.
  package static func decode(
    _ body: JSON, id: String? = nil, path: String = ""
  ) throws(DefinitionError) -> AppDefinition {
    guard let object = body.objectValue else {
      throw .malformed([DefinitionFault(path: "\(path)/id", message: "\(body.text) is not an object")])
    }
    var reader = DefinitionReader(object, path: path)
    let given = id ?? readId(&reader)
    var definition = AppDefinition(id: AppPath.normalized(given ?? "/"))
    let old = definition.readFields(&reader)
    if !reader.faults.isEmpty { throw .malformed(reader.faults) }
    let oldFaults = definition.adopt(old, from: object)
    if !oldFaults.isEmpty { throw .invalid(oldFaults) }
    try definition.refuseUnsupported()
    var faults = definition.faults()
    if object["secrets"]?.objectValue?.isEmpty == false {
      faults.append(
        DefinitionFault(
          path: "/secrets", message: "Feature secrets is not enabled. Enable with --enable_features secrets)"))
    }
    if !faults.isEmpty { throw .invalid(faults) }
    return definition
  }

  /// A definition as this cluster stored it.
  static func stored(_ json: JSON) throws(DefinitionError) -> AppDefinition {
    var definition = try decode(json)
    if let version = json["version"]?.stringValue.flatMap({ Timestamp($0) }) { definition.version = version }
    if let scaling = json["versionInfo"]?["lastScalingAt"]?.stringValue.flatMap({ Timestamp($0) }),
      let change = json["versionInfo"]?["lastConfigChangeAt"]?.stringValue.flatMap({ Timestamp($0) })
    {
      definition.versionInfo = VersionInfo(lastScalingAt: scaling, lastConfigChangeAt: change)
    }
    return definition
  }

  private static func readId(_ reader: inout DefinitionReader) -> String? {
    guard let value = reader.object["id"] else {
      reader.missing("id")
      return nil
    }
    guard let text = value.stringValue else {
      reader.fault("id", "error.expected.jsstring")
      return nil
    }
    if text.isEmpty {
      reader.fault("id", "error.minLength")
      return nil
    }
    if !AppPath.isWellFormed(text) {
      reader.fault("id", "error.pattern")
      return nil
    }
    return text
  }

  /// Fields of older Marathons that are read and never given back.
  struct OldFields {
    var ports: [Int]?
    var uris: [String]?
    var address: OldAddress?
  }

  struct OldAddress {
    var networkName: String?
    var labels: JSONObject
    var mappings: [PortMapping]
  }

  private mutating func readFields(_ reader: inout DefinitionReader) -> OldFields {
    cmd = reader.string("cmd", minimumLength: 1)
    args = reader.strings("args") ?? []
    user = reader.string("user")
    cpus = reader.number("cpus") ?? cpus
    mem = reader.number("mem") ?? mem
    disk = reader.number("disk") ?? disk
    gpus = reader.integer("gpus") ?? gpus
    instances = reader.integer("instances") ?? instances
    env = Self.readEnvironment(&reader)
    labels = reader.stringMap("labels") ?? labels
    executor = reader.string("executor") ?? executor
    constraints = PlacementConstraint.read(&reader)
    acceptedResourceRoles = reader.strings("acceptedResourceRoles")
    fetch = reader.objects("fetch", FetchDefinition.read) ?? fetch
    // Marathon takes a container that is no object as an empty one.
    if let value = reader.present("container") {
      if value.objectValue == nil {
        container = ContainerDefinition()
      } else {
        container = reader.nested("container", ContainerDefinition.read)
      }
    }
    healthChecks = reader.objects("healthChecks", HealthCheckDefinition.read) ?? healthChecks
    readinessChecks = reader.objects("readinessChecks", Self.readReadinessCheck) ?? readinessChecks
    if let given = reader.objects("networks", NetworkDefinition.read) { networks = given }
    if let given = reader.objects("portDefinitions", PortDefinition.read) { portDefinitions = given }
    requirePorts = reader.bool("requirePorts") ?? requirePorts
    backoffSeconds = reader.seconds("backoffSeconds") ?? backoffSeconds
    backoffFactor = reader.number("backoffFactor", minimum: 1) ?? backoffFactor
    maxLaunchDelaySeconds = reader.seconds("maxLaunchDelaySeconds") ?? maxLaunchDelaySeconds
    taskKillGracePeriodSeconds = reader.seconds("taskKillGracePeriodSeconds")
    upgradeStrategy = reader.nested("upgradeStrategy", Self.readUpgradeStrategy) ?? upgradeStrategy
    if let literal = reader.literal("killSelection", of: KillSelection.allCases.map(\.rawValue)) {
      killSelection = KillSelection(rawValue: literal) ?? killSelection
    }
    unreachableStrategy = Self.readUnreachableStrategy(&reader) ?? unreachableStrategy
    let base = AppPath.parent(id)
    dependencies = (reader.strings("dependencies") ?? []).map { text in
      AppPath.isWellFormed(text) ? AppPath.normalized(text, base: base) : text
    }
    tty = reader.bool("tty")
    if let version = reader.present("version") {
      if let text = version.stringValue {
        if Timestamp(text) == nil { reader.fault("version", "error.expected.date.isoformat") }
      } else {
        reader.fault("version", "error.expected.date")
      }
    }
    return OldFields(
      ports: Self.readPorts(&reader), uris: reader.strings("uris"),
      address: reader.nested("ipAddress", Self.readAddress))
  }

  private static func readEnvironment(_ reader: inout DefinitionReader) -> JSONObject {
    guard let object = reader.member("env") else { return JSONObject() }
    for (name, value) in object {
      if let reference = value.objectValue {
        if reference["secret"] == nil { reader.fault("env/\(name)/secret", "error.path.missing") }
      } else if value.stringValue == nil {
        reader.fault("env/\(name)", "error.expected.jsobject")
      }
    }
    return object
  }

  private static func readPorts(_ reader: inout DefinitionReader) -> [Int]? {
    guard let elements = reader.array("ports") else { return nil }
    var ports: [Int] = []
    for (index, element) in elements.enumerated() {
      if let port = element.intValue {
        ports.append(port)
      } else {
        reader.fault("ports(\(index))", "error.expected.jsnumber")
      }
    }
    return ports
  }

  private static func readAddress(_ reader: inout DefinitionReader) -> OldAddress? {
    var address = OldAddress(networkName: reader.string("networkName"), labels: JSONObject(), mappings: [])
    address.labels = reader.stringMap("labels") ?? JSONObject()
    address.mappings =
      reader.nested("discovery") { discovery in
        discovery.objects("ports") { port in
          PortMapping(
            containerPort: port.integer("number") ?? 0, name: port.string("name"),
            protocols: port.literal("protocol", of: PortDefinition.protocolLiterals) ?? "tcp")
        }
      } ?? []
    return address
  }

  private static func readReadinessCheck(_ reader: inout DefinitionReader) -> JSON? {
    [
      "name": .string(reader.string("name") ?? "readinessCheck"),
      "protocol": .string(reader.literal("protocol", of: ["HTTP", "HTTPS"]) ?? "HTTP"),
      "path": .string(reader.string("path") ?? "/"),
      "portName": .string(reader.string("portName") ?? "http-api"),
      "intervalSeconds": .integer(Int64(reader.integer("intervalSeconds") ?? 30)),
      "timeoutSeconds": .integer(Int64(reader.integer("timeoutSeconds") ?? 10)),
      "httpStatusCodesForReady": .array(reader.array("httpStatusCodesForReady") ?? [200]),
      "preserveLastResponse": .bool(reader.bool("preserveLastResponse") ?? false),
    ]
  }

  private static func readUpgradeStrategy(_ reader: inout DefinitionReader) -> UpgradeStrategy? {
    for key in ["maximumOverCapacity", "minimumHealthCapacity"] where !reader.has(key) { reader.missing(key) }
    let over = reader.number("maximumOverCapacity", maximum: 1)
    let minimum = reader.number("minimumHealthCapacity", maximum: 1)
    guard let over, let minimum else { return nil }
    return UpgradeStrategy(minimumHealthCapacity: minimum, maximumOverCapacity: over)
  }

  /// Any text means `disabled`, as Marathon takes it.
  private static func readUnreachableStrategy(_ reader: inout DefinitionReader) -> UnreachableStrategy? {
    guard let value = reader.present("unreachableStrategy") else { return nil }
    if value.stringValue != nil { return .disabled }
    guard value.objectValue != nil else { return nil }
    return reader.nested("unreachableStrategy") { strategy in
      .after(
        inactiveSeconds: strategy.integer("inactiveAfterSeconds") ?? 0,
        expungeSeconds: strategy.integer("expungeAfterSeconds") ?? 0)
    }
  }
}
