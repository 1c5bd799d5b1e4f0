package import StackModel

/// The scripts of a stack, to be looked at without running them: what its hooks run, its own file if that is Lua, and what these require.
package struct StackScripts: Sendable {
  struct Script: Sendable {
    var source: [UInt8]
    var place: Place
  }

  enum Place: Sendable {
    /// A file, by its path below the stack's folder.
    case file(String)
    /// A text in the stack's own file, whose first line stands there.
    case text(StackPath, line: Int)
    /// A text that a stack that is Lua hands over there. Where its lines stand is not known.
    case value(StackPath, line: Int)
  }

  private(set) var scripts: [Script] = []
  let modules: [ScriptModule]
  /// The name that diagnostics give the stack's own file; other files lie below its folder.
  let file: String

  /// - Parameters:
  ///   - entry: the path of the stack's own file among the files, if it is Lua.
  ///   - files: what came with the stack, by path. What is not there is told by `StackCheck`.
  package init(of decoding: StackDecoding, entry: String?, files: [(path: String, content: [UInt8])], file: String) {
    self.file = file
    modules = files.compactMap { ScriptModule(path: $0.path, source: $0.content) }
    guard let stack = decoding.stack else { return }
    let contents = Dictionary(files.map { ($0.path, $0.content) }) { first, _ in first }
    var paths: Set<String> = []
    func add(file path: String) {
      guard let source = contents[path], paths.insert(path).inserted else { return }
      scripts.append(Script(source: source, place: .file(path)))
    }
    if let entry { add(file: entry) }
    for placed in stack.scripts {
      switch placed.script.source {
      case .file(let path): add(file: path)
      // Stands in a file that is looked at.
      case .function: break
      case .text(let text):
        let path = StackPath([
          .key("applications"), .key(placed.application), .key(placed.hook.rawValue), .index(placed.index), .key("lua"),
        ])
        let line = placed.script.line
        scripts.append(
          Script(source: Array(text.utf8), place: decoding.isLua ? .value(path, line: line) : .text(path, line: line)))
      }
    }
  }

  package var isEmpty: Bool { scripts.isEmpty }

  func diagnostic(_ finding: ScriptFinding) -> Diagnostic? {
    switch finding.script {
    case .module(let name):
      guard let module = modules.first(where: { $0.name == name }) else { return nil }
      return diagnostic(finding, at: .file(module.path))
    case .number(let number):
      guard scripts.indices.contains(number) else { return nil }
      return diagnostic(finding, at: scripts[number].place)
    }
  }

  private func diagnostic(_ finding: ScriptFinding, at place: Place) -> Diagnostic {
    let (severity, code, message, hint) = finding.told
    var position = SourcePosition(line: finding.line, column: 1)
    var prefix = ""
    switch place {
    case .file(let path): position.file = Self.file(path, besides: file)
    case .text(let path, let line):
      position.line += line - 1
      prefix = "\(path): "
    case .value(let path, let line):
      position.line = line
      prefix = "\(path): in its line \(finding.line): "
    }
    return Diagnostic(severity, code, file: file, at: position, prefix + message, hint: hint)
  }

  /// How a file of the stack is called beside the stack's own.
  private static func file(_ path: String, besides file: String) -> String {
    guard let slash = file.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return file[...slash] + path
  }
}

extension ScriptFinding {
  /// What the finding says. What a script may never come to is a warning; what is no Lua can never become right.
  fileprivate var told: (Diagnostic.Severity, Diagnostic.Code, message: String, hint: String?) {
    switch what {
    case .syntax(let message): (.error, .syntax, message, nil)
    case .undefined(let message): (.warning, .script, message, nil)
    case .noFunction(let module, let name, let nearest):
      (
        .warning, .unknownFunction, "\(module).\(name): \(HostFunctions.isNotThere)",
        nearest.map { "did you mean \"\(module).\($0)\"?" }
      )
    case .laterModule(let module, let name?):
      (.warning, .unknownFunction, "\(module).\(name): \(HostFunctions.isNotThere)", nil)
    case .laterModule(let module, nil):
      (.warning, .unknownFunction, "\(module): there are no such functions in this version", nil)
    case .noModule(let name):
      (
        .warning, .missingFile, "there is no module '\(name)'",
        "it would be the file \(name.split(separator: ".", omittingEmptySubsequences: false).joined(separator: "/")).lua of the stack"
      )
    }
  }
}
