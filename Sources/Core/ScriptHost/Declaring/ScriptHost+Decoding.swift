package import StackModel

extension ScriptHost {
  /// Reads a stack from its Lua file, as `StackDecoding` reads one from YAML: what is wrong with the file is told as diagnostics.
  ///
  /// - Parameter file: The name that diagnostics give the stack's own file; the others lie below its folder.
  /// - Throws: where it is not the file that is wrong: it was cancelled, or no worker can be started.
  package func decoding(of stack: StackSource, file: String) async throws(ScriptFailure) -> StackDecoding {
    do throws(ScriptFailure) {
      return StackDecoding(declared: try await declare(stack), entry: stack.name, file: file)
    } catch {
      switch error.kind {
      case .cancelled, .helper: throw error
      case .syntax, .runtime, .budgetExceeded, .workerDied, .brokenProtocol, .tooLarge:
        return StackDecoding(diagnostics: [error.diagnostic(entry: stack.name, file: file)])
      }
    }
  }
}

extension ScriptFailure {
  fileprivate func diagnostic(entry: String, file: String) -> Diagnostic {
    let code: Diagnostic.Code =
      switch kind {
      case .syntax: .syntax
      case .budgetExceeded, .tooLarge: .limit
      default: .script
      }
    var text = message
    if let place, text.hasPrefix("\(place): ") { text.removeFirst(place.count + 2) }
    return Diagnostic(.error, code, file: file, at: position(entry: entry, file: file), text)
  }

  /// Of a place such as `lib/util.lua:3`.
  private func position(entry: String, file: String) -> SourcePosition {
    guard let place, let colon = place.lastIndex(of: ":"), let line = Int(place[place.index(after: colon)...]), line > 0
    else { return .start }
    var position = SourcePosition(line: line, column: 1)
    let name = String(place[..<colon])
    if name != entry, StackFilePath.problems(of: name).isEmpty {
      position.file = (file.hasSuffix(entry) ? file.dropLast(entry.count) : "") + name
    }
    return position
  }
}
