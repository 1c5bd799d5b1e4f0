extension Stack {
  /// What keeps the merged stack from running, in the order of the file, within an application in the order of the
  /// original's checks. `taskRunners` are the types for which there is a task runner.
  package func problems(taskRunners: Set<String>) -> [ValidationProblem] {
    applications.flatMap { key, application in
      application.problems(key: key, taskRunners: taskRunners)
    } + graphProblems() + grantProblems().map { ValidationProblem(text: "Invalid grants: \($0.problem)") }
  }

  /// What is wrong whatever the stack is merged with, which `add` refuses: a parent or a layer need not be complete.
  package func problemsOfValues() -> [ValidationProblem] {
    applications.flatMap { key, application in application.problemsOfValues(key: key) }
  }

  /// The grants that are none, with their places in the list.
  func grantProblems() -> [(index: Int, problem: GrantError)] {
    (grants ?? []).enumerated().compactMap { index, text in
      do throws(GrantError) {
        _ = try Grant(text)
        return nil
      } catch {
        return (index, error)
      }
    }
  }

  /// Throws all problems that keep the merged stack from running.
  package func validate(taskRunners: Set<String>) throws(ValidationError) {
    let problems = problems(taskRunners: taskRunners)
    if !problems.isEmpty { throw ValidationError(stack: name, problems: problems) }
  }

  private func graphProblems() -> [ValidationProblem] {
    let keysByID = Dictionary(applications.map { ($0.value.id, $0.key) }) { first, _ in first }
    return DependencyGraph(self).problems.map { problem in
      switch problem {
      case .duplicateID(_, let keys):
        ValidationProblem(application: keys.last, field: .id, text: problem.description)
      case .unknownDependency(_, _, let key, _):
        ValidationProblem(application: key, field: .dependencies, text: problem.description)
      case .cycle(let ids):
        ValidationProblem(
          application: ids.first.flatMap { keysByID[$0] }, field: .dependencies,
          text: problem.description)
      }
    }
  }
}
