/// One entry of a hook's list: a line of shell, or a Lua script.
package enum HookCommand: Sendable, Hashable {
  case shell(String)
  case lua(HookScript)
}

extension HookCommand: ExpressibleByStringInterpolation {
  package init(stringLiteral line: String) { self = .shell(line) }
}

/// A Lua script of a hook, as a stack names it.
package struct HookScript: Sendable, Hashable {
  package enum Source: Sendable, Hashable {
    /// Written into the stack itself (`lua: |`).
    case text(String)
    /// A path below the stack's folder (`lua_file: hooks/register.lua`).
    case file(String)
  }

  package var source: Source
  /// The stack whose author wrote it: a hook that was inherited runs with its own stack's files. Empty until a run is
  /// planned.
  package var stack: String
  /// The file that the script's text stands in, and the line of the text's first line there; for messages.
  package var file: String
  package var line: Int

  package init(_ source: Source, stack: String = "", file: String = "", line: Int = 1) {
    self.source = source
    self.stack = stack
    self.file = file
    self.line = line
  }
}

/// What runs at once: neighbouring lines of shell are one script.
package enum HookPart: Sendable, Hashable {
  case shell([String])
  case lua(HookScript)
}

extension [HookCommand] {
  /// The hook as it runs, part by part.
  package var parts: [HookPart] {
    var parts: [HookPart] = []
    var lines: [String] = []
    func endLines() {
      if !lines.isEmpty { parts.append(.shell(lines)) }
      lines = []
    }
    for command in self {
      switch command {
      case .shell(let line): lines.append(line)
      case .lua(let script):
        endLines()
        parts.append(.lua(script))
      }
    }
    endLines()
    return parts
  }
}
