/// Checks what a decoded stack says, and finds the places of what is wrong.
struct ValueCheck {
  private(set) var stack: Stack
  let sourceMap: SourceMap
  let file: String
  let options: StackCheck.Options

  /// What is impossible whatever the stack is merged with.
  func errors() -> [Diagnostic] { values() + variables() + missingFiles() + functions() }

  private func functions() -> [Diagnostic] {
    guard stack.run != nil else { return [] }
    let path = StackPath([.key("run")])
    if options.isLayer {
      return [error(path, "a layer has no function: only stacks are run, layers give fields and variables")]
    }
    // What only takes away what is inherited is none of its own.
    guard stack.applications.values.contains(where: { !$0.isNull }) else { return [] }
    return [error(path, "a stack walks the graph of its applications, or is run by its function: this one has both")]
  }

  /// Gives the applications of a stack that is Lua the dependencies that follow from what they refer to.
  /// - Returns: what cannot be referred to, and what is no dependency.
  mutating func addReferences() -> [Diagnostic] {
    let misplaced = StackReferences(stack).misplaced.map { place in
      error(
        place.path, "\(place.reference) stands where nothing is replaced",
        hint: "variables are replaced in launch_command, scheduler, args, env, tasks and hooks")
    }
    let inherits = !stack.from.isEmpty || options.isLayer
    return misplaced
      + stack.addReferences(inherits: inherits, inherited: options.parent).map { key, ids in
        warning(
          .unknownDependency, .application(key),
          "it refers to \(ids.joined(separator: ", ")) and need not wait for it, since a list of dependencies would replace the inherited one",
          hint: "name all of them in dependencies")
      }
  }

  /// What hooks run has to be there; inherited hooks run their own stack's files.
  private func missingFiles() -> [Diagnostic] {
    guard let files = options.files else { return [] }
    return stack.scripts.compactMap { placed in
      guard let name = placed.file, !files.contains(name) else { return nil }
      let path = StackPath([
        .key("applications"), .key(placed.application), .key(placed.hook.rawValue), .index(placed.index),
        .key("lua_file"),
      ])
      return Diagnostic(
        .error, .missingFile, file: file, at: sourceMap.position(of: path),
        "\(path): the file \(StackFilePath.shown(name)) did not come with the stack",
        hint: "send it along: stack-deploy add does, POST /api/v1/stacks takes it in files")
    }
  }

  private func values() -> [Diagnostic] {
    stack.problemsOfValues().map { problem in error(path(of: problem), problem.text) }
      + stack.grantProblems().map { index, problem in error(StackPath([.key("grants"), .index(index)]), "\(problem)") }
  }

  /// What the parent's applications set counts as well.
  private func variables() -> [Diagnostic] {
    var merged = options.parent?.merging(stack) ?? stack
    merged.variables = stack.variables
    return merged.problemsOfVariables().map { name, problem in
      let path = StackPath([.key("vars"), .key(name)])
      return Diagnostic(
        .error, .invalidValue, file: file, at: sourceMap.keyPosition(of: path), "\(path): \(problem)")
    }
  }

  private func error(_ path: StackPath, _ message: String, hint: String? = nil) -> Diagnostic {
    Diagnostic(
      .error, .invalidValue, file: file, at: sourceMap.position(of: path), "\(path): \(message)", hint: hint)
  }

  func warnings() -> [Diagnostic] {
    missingName() + unknownTypes() + nullApplications() + graphProblems() + unknownOperations()
  }

  private func path(of problem: ValidationProblem) -> StackPath {
    guard let application = problem.application else { return StackPath() }
    guard let field = problem.field else { return .application(application) }
    return StackPath(StackPath.application(application, field).components + problem.place)
  }

  private func warning(
    _ code: Diagnostic.Code, _ path: StackPath, _ message: String, hint: String? = nil
  ) -> Diagnostic {
    let place = path.components.isEmpty ? "" : "\(path): "
    return Diagnostic(
      .warning, code, file: file, at: sourceMap.position(of: path), "\(place)\(message)", hint: hint)
  }

  private func missingName() -> [Diagnostic] {
    guard stack.name.isEmpty else { return [] }
    return [
      warning(.missingName, StackPath(), "the stack has no name", hint: "without one it can be neither shown nor run")
    ]
  }

  private func unknownTypes() -> [Diagnostic] {
    guard let known = options.knownTypes else { return [] }
    return stack.applications.compactMap { key, application in
      guard !application.type.isEmpty, !known.contains(application.type) else { return nil }
      let nearest = NearestName.to(application.type, among: known.sorted())
      return warning(
        .unknownType, .application(key, .type), "unknown type \"\(application.type)\"",
        hint: nearest.map { "did you mean \"\($0)\"?" } ?? "it runs on Marathon, without a task runner")
    }
  }

  /// Over a parent it removes the parent's application; alone it is a mistake.
  private func nullApplications() -> [Diagnostic] {
    guard stack.from.isEmpty, !options.isLayer else { return [] }
    return stack.applications.compactMap { key, application in
      guard application.isNull else { return nil }
      return warning(
        .nullApplication, .application(key), "the application is null", hint: "write its fields, or leave it out")
    }
  }

  private func unknownOperations() -> [Diagnostic] {
    guard let known = options.knownOperations else { return [] }
    let modules = known.map { String($0.prefix { $0 != "." }) }
    return (stack.grants ?? []).enumerated().compactMap { index, text in
      guard let grant = try? Grant(text), !known.contains(where: grant.covers(operation:)) else { return nil }
      let nearest = NearestName.to(String(text.prefix { $0 != ":" }), among: known + modules)
      return warning(
        .unknownOperation, StackPath([.key("grants"), .index(index)]),
        "\"\(text.shortened)\" grants nothing that scripts can call", hint: nearest.map { "did you mean \"\($0)\"?" })
    }
  }

  private func graphProblems() -> [Diagnostic] {
    let merged = options.parent?.merging(stack) ?? stack
    let knowsAll = !options.isLayer && (stack.from.isEmpty || options.parent != nil)
    var places = DependencyPlaces(stack: stack, merged: merged)
    return DependencyGraph(merged).problems.compactMap { problem in
      switch problem {
      case .duplicateID(let id, let keys):
        // Those of the parent are the parent's; at least one stands in this file, else it would not be new.
        guard let key = keys.last(where: { stack.applications[$0]?.id == id }) else { return nil }
        return warning(.duplicateID, .application(key, .id), problem.description)
      case .unknownDependency(let dependency, _, let key, _):
        guard knowsAll, let index = places.index(of: dependency, in: key) else { return nil }
        return warning(
          .unknownDependency, .application(key, .dependencies).index(index), problem.description)
      case .cycle(let ids):
        // Pointed at where this file closes it.
        for (id, next) in zip(ids, ids.dropFirst()) {
          guard let key = places.keys[id], let index = places.index(of: next, in: key) else { continue }
          return warning(.dependencyCycle, .application(key, .dependencies).index(index), problem.description)
        }
        return nil
      }
    }
  }
}

/// Finds where dependencies stand in a file.
private struct DependencyPlaces {
  private let stack: Stack
  /// The key of an id.
  let keys: [String: String]
  /// By key; made for the applications that are asked for.
  private var indexes: [String: [String: Int]] = [:]

  init(stack: Stack, merged: Stack) {
    self.stack = stack
    keys = Dictionary(merged.applications.map { ($0.value.id, $0.key) }) { first, _ in first }
  }

  /// The place of a dependency among those of the application under this key; `nil` where the file does not have it.
  mutating func index(of dependency: String, in key: String) -> Int? {
    if let known = indexes[key] { return known[dependency] }
    guard let application = stack.applications[key] else { return nil }
    let found = Dictionary(application.dependencies.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
    indexes[key] = found
    return found[dependency]
  }
}
