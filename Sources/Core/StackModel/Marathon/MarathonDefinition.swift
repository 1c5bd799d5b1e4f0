package import JSON

/// The definition of an application as Marathon takes it: the body of `POST /v2/apps`.
package enum MarathonDefinition {
  /// Builds the definition. The members are the original's, in its order; what it sent as `null` is left out. Flags,
  /// labels and Docker parameters have the order of the file, so that the same stack always gives the same bytes.
  ///
  /// - Parameters:
  ///   - application: with its variables replaced.
  ///   - zone: empty for none.
  ///   - instances: how many; see `Application.instanceCount`.
  package static func body(of application: Application, stack: String, zone: String, instances: Int) -> JSONObject {
    var body = JSONObject()
    if !application.id.isEmpty { body["id"] = .string(application.id) }
    let command = self.command(of: application)
    if !command.isEmpty { body["cmd"] = .string(command) }
    body["args"] = list(application.args, .args, of: application) { .string($0) }
    body["constraints"] = list(application.constraints, .constraints, of: application) { .array($0.map(JSON.string)) }
    if let docker = application.docker { body["container"] = .object(container(docker)) }
    if application.cpu != 0 { body["cpus"] = number(application.cpu) }
    body["env"] = .object(environment(of: application, stack: stack, zone: zone))
    if let check = healthCheck(of: application) { body["healthChecks"] = .array([.object(check)]) }
    body["instances"] = .integer(Int64(instances))
    body["mem"] = number(application.mem)
    body["ports"] = list(application.ports, .ports, of: application) { .integer(Int64($0)) }
    body["requirePorts"] = .bool(!application.ports.isEmpty)
    if !application.user.isEmpty { body["user"] = .string(application.user) }
    // An empty list of additional artifacts leaves what it is appended to as it is.
    let artifacts = application.artifactURLs + application.additionalArtifacts
    body["uris"] = list(artifacts, .artifactURLs, of: application) { .string($0) }
    body["labels"] = .object(labels(stack: stack, zone: zone))
    return body
  }

  /// The launch command with the flags of `scheduler` behind it, unquoted. A space comes first where there is no
  /// launch command; a flag with an empty value keeps the space behind its name.
  static func command(of application: Application) -> String {
    application.scheduler.reduce(into: application.launchCommand) { $0 += " --\($1.key) \($1.value)" }
  }

  private static func environment(of application: Application, stack: String, zone: String) -> JSONObject {
    var environment = JSONObject()
    for (key, value) in application.env { environment[key] = .string(value) }
    if environment["STACK_LABELS"] == nil {
      let labels = zone.isEmpty ? "stack=\(stack)" : "stack=\(stack);zone=\(zone)"
      environment["STACK_LABELS"] = .string(labels)
    }
    return environment
  }

  /// Nothing that differs from run to run may stand here: Marathon restarts an application whose labels change.
  private static func labels(stack: String, zone: String) -> JSONObject {
    var labels: JSONObject = ["stack": .string(stack)]
    if !zone.isEmpty { labels["zone"] = .string(zone) }
    return labels
  }

  /// Nil where the author said nothing; an empty list that the author wrote stays one (`ports: []` takes no port,
  /// while no `ports` takes one).
  private static func list<Element>(
    _ elements: [Element], _ field: ApplicationField, of application: Application, _ json: (Element) -> JSON
  ) -> JSON? {
    elements.isEmpty && !application.emptyLists.contains(field) ? nil : .array(elements.map(json))
  }

  /// Whole numbers without a fraction, as Go writes them.
  static func number(_ value: Double) -> JSON {
    if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return .integer(whole) }
    return .number(value)
  }
}

extension Application {
  /// How many instances run in a cluster.
  package func instanceCount(in cluster: ClusterSnapshot) throws -> Int {
    let instances = try Instances(self.instances)
    return instances.count(of: try constraints.map { try Constraint($0) }, in: cluster)
  }
}
