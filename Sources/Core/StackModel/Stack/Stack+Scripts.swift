extension Stack {
  /// Notes of every script whose it is, before stacks are merged.
  package mutating func attributeScripts(to stack: String, file: String) {
    for key in applications.keys {
      guard var application = applications[key] else { continue }
      for place in HookPlace.allCases where application.hooks[place].contains(where: \.isScript) {
        application.hooks[place] = application.hooks[place].map { command in
          guard case .lua(var script) = command else { return command }
          script.stack = stack
          if case .file(let path) = script.source { script.file = path } else { script.file = file }
          return .lua(script)
        }
      }
      applications[key] = application
    }
  }

  /// The paths of the files that hooks run, each once, in the order of the stack.
  package var scriptFiles: [String] {
    var seen: Set<String> = []
    return applications.values.flatMap { application in
      HookPlace.allCases.flatMap { application.hooks[$0] }.compactMap { command in
        if case .lua(let script) = command, case .file(let path) = script.source { path } else { nil }
      }
    }.filter { seen.insert($0).inserted }
  }
}

extension HookCommand {
  package var isScript: Bool {
    if case .lua = self { true } else { false }
  }
}
