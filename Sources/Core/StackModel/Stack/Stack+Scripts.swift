extension Stack {
  /// Notes of every script whose it is, before stacks are merged.
  package mutating func attributeScripts(to stack: String, file: String) {
    for key in applications.keys {
      guard var application = applications[key] else { continue }
      for place in HookPlace.allCases where application.hooks[place].contains(where: \.isScript) {
        application.hooks[place] = application.hooks[place].map { command in
          guard case .lua(let script) = command else { return command }
          return .lua(script.attributed(to: stack, file: file))
        }
      }
      applications[key] = application
    }
    run = run?.attributed(to: stack, file: file)
  }

  /// A script, and where it hangs.
  package struct PlacedScript: Sendable, Hashable {
    /// The application's key in the file.
    package var application: String
    package var hook: HookPlace
    /// In the hook's list.
    package var index: Int
    package var script: HookScript

    /// The script's file, where it is one.
    package var file: String? {
      if case .file(let path) = script.source { path } else { nil }
    }
  }

  /// The scripts of all hooks, in the order of the stack.
  package var scripts: [PlacedScript] {
    applications.flatMap { key, application in
      HookPlace.allCases.flatMap { hook in
        application.hooks[hook].enumerated().compactMap { index, command in
          guard case .lua(let script) = command else { return nil }
          return PlacedScript(application: key, hook: hook, index: index, script: script)
        }
      }
    }
  }
}

extension HookCommand {
  package var isScript: Bool {
    if case .lua = self { true } else { false }
  }
}

extension HookScript {
  fileprivate func attributed(to stack: String, file: String) -> HookScript {
    var script = self
    script.stack = stack
    switch source {
    case .text: script.file = file
    case .file(let path): script.file = path
    // By the path that it has among the stack's files, which the stack was declared with.
    case .function: if script.file.isEmpty { script.file = file }
    }
    return script
  }
}
