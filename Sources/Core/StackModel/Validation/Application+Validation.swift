extension Application {
  /// The type that runs to its end on Mesos, without Marathon.
  package static let runOnce = "run-once"

  func problems(key: String, taskRunners: Set<String>) -> [ValidationProblem] {
    var report = Report(key: key)
    if isNull {
      report.add(nil, "it is null; write its fields, or leave it out")
      return report.problems
    }
    if type.isEmpty { report.add(.type, "No application type", original: "No application type") }
    if !tasks.isEmpty, !taskRunners.contains(type) {
      let original = "No task runner available for application"
      let nearest = NearestName.to(type, among: taskRunners.sorted()).map { "; did you mean \($0)?" } ?? ""
      report.add(.tasks, "\(original) of type '\(type)'\(nearest)", original: original)
    }
    if id.isEmpty { report.add(.id, "No application ID", original: "No application ID") }
    if cpu <= 0 { report.add(.cpu, "Invalid application CPU: it must be above 0", original: "Invalid application CPU") }
    if mem <= 0 { report.add(.mem, "Invalid application Mem: it must be above 0", original: "Invalid application Mem") }
    checkInstances(&report)
    checkConstraints(&report)
    checkWhatTheOriginalDoesNot(&report, portCount: ports.count)
    for task in tasks where task.parameters == nil {
      report.add(.tasks, "the task \(task.name) is no map of parameters")
    }
    return report.problems
  }

  func problemsOfValues(key: String) -> [ValidationProblem] {
    var report = Report(key: key)
    if cpu < 0 { report.add(.cpu, "Invalid application CPU: it must be above 0", original: "Invalid application CPU") }
    if mem < 0 { report.add(.mem, "Invalid application Mem: it must be above 0", original: "Invalid application Mem") }
    checkInstances(&report)
    checkConstraints(&report)
    checkWhatTheOriginalDoesNot(&report, portCount: nil)
    return report.problems
  }

  private func checkInstances(_ report: inout Report) {
    do {
      _ = try Instances(instances)
    } catch {
      report.add(.instances, error.description, original: InstancesError.originalText)
    }
  }

  private func checkConstraints(_ report: inout Report) {
    for (index, constraint) in constraints.enumerated() {
      do {
        _ = try Constraint(constraint)
      } catch {
        report.add(.constraints, error.description, at: .index(index), original: error.originalText)
      }
    }
  }

  private func checkWhatTheOriginalDoesNot(_ report: inout Report, portCount: Int?) {
    for (field, value) in [(ApplicationField.cpu, cpu), (.mem, mem)] where !value.isFinite && !(value <= 0) {
      report.add(field, "\(field.rawValue) must be a finite number")
    }
    if case .check(let check) = healthcheck {
      for problem in check.problems(portCount: portCount) {
        report.add(.healthcheck, problem.text, at: .key(problem.field))
      }
    }
    // Other types have no schedule; what stands there is ignored, as in the original.
    guard type == Self.runOnce else { return }
    for (field, text) in [(ApplicationField.startTime, startTime), (.timeSchedule, timeSchedule)] where !text.isEmpty {
      do {
        _ = try Schedule(text)
      } catch {
        report.add(field, error.description)
      }
    }
  }

  private struct Report {
    let key: String
    var problems: [ValidationProblem] = []

    mutating func add(
      _ field: ApplicationField?, _ text: String, at place: StackPath.Component? = nil, original: String? = nil
    ) {
      problems.append(
        ValidationProblem(
          application: key, field: field, place: place.map { [$0] } ?? [], text: text, original: original))
    }
  }
}
