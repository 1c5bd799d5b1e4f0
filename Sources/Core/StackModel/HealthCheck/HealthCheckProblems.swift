extension HealthCheckDefinition {
  /// What is wrong with the health check, a sentence each. `portCount` is the number of the application's ports; with 0
  /// Marathon gives it one.
  package func problems(portCount: Int) -> [String] {
    var problems: [String] = []
    switch probe {
    case .command:
      if command?.isEmpty ?? true { problems.append("a COMMAND health check needs a command") }
      if path != nil { problems.append("a COMMAND health check has no path") }
      if port != nil { problems.append("a COMMAND health check has no port") }
    case .http:
      if command != nil { problems.append("an HTTP health check has no command; write protocol: COMMAND") }
    case .tcp:
      if command != nil { problems.append("a TCP health check has no command; write protocol: COMMAND") }
      if path != nil { problems.append("a TCP health check has no path; write protocol: HTTP") }
    }
    if let port, !(0..<max(1, portCount)).contains(port) {
      problems.append(
        "the health check's port \(port) is none of the application's \(max(1, portCount)), counted from 0")
    }
    for (name, duration) in [("interval", interval), ("timeout", timeout)] {
      if let duration, duration < .milliseconds(1) {
        problems.append("the health check's \(name) must be at least 1ms, not \(GoDuration.text(duration))")
      }
    }
    if let grace, grace < .zero {
      problems.append("the health check's grace must not be negative, as \(GoDuration.text(grace)) is")
    }
    if let failures, failures < 0 {
      problems.append("the health check's failures must not be negative, as \(failures) is")
    }
    return problems
  }
}
