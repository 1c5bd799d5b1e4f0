/// Something wrong with a health check.
package struct HealthCheckProblem: Sendable, Hashable {
  /// The field of the health check in YAML.
  package var field: String
  /// A sentence.
  package var text: String
}

extension HealthCheckDefinition {
  /// What is wrong with the health check. `portCount` is the number of the application's ports (with 0 Marathon gives it
  /// one); `nil` where it is not known yet, since parents and children have a say.
  package func problems(portCount: Int?) -> [HealthCheckProblem] {
    var problems: [HealthCheckProblem] = []
    func add(_ field: String, _ text: String) { problems.append(HealthCheckProblem(field: field, text: text)) }
    switch probe {
    case .command:
      if command?.isEmpty ?? true { add("command", "a COMMAND health check needs a command") }
      if path != nil { add("path", "a COMMAND health check has no path") }
      if port != nil { add("port", "a COMMAND health check has no port") }
    case .http:
      if command != nil { add("command", "an HTTP health check has no command; write protocol: COMMAND") }
    case .tcp:
      if command != nil { add("command", "a TCP health check has no command; write protocol: COMMAND") }
      if path != nil { add("path", "a TCP health check has no path; write protocol: HTTP") }
    }
    if let port, port < 0 || port >= max(1, portCount ?? .max) {
      let count = portCount.map { "the application's \(max(1, $0))" } ?? "the application's"
      add("port", "the health check's port \(port) is none of \(count), counted from 0")
    }
    for (name, duration) in [("interval", interval), ("timeout", timeout)] {
      if let duration, duration < .milliseconds(1) {
        add(name, "the health check's \(name) must be at least 1ms, not \(GoDuration.text(duration))")
      }
    }
    if let grace, grace < .zero {
      add("grace", "the health check's grace must not be negative, as \(GoDuration.text(grace)) is")
    }
    if let failures, failures < 0 {
      add("failures", "the health check's failures must not be negative, as \(failures) is")
    }
    return problems
  }
}
