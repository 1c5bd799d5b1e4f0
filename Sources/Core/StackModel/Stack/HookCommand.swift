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
    /// A function of a stack that is Lua, which is called after the stack's own file has run.
    case function(StackFunction)
  }

  package var source: Source
  /// The stack whose author wrote it: a hook that was inherited runs with its own stack's files. Empty until a run is
  /// planned.
  package var stack: String
  /// The file that the script's text stands in, and the line of the text's first line there; for messages. Of a function: the stack's own
  /// file, by its path among the stack's files, and where in it the function begins, or is handed over if it comes from another file.
  package var file: String
  package var line: Int

  package init(_ source: Source, stack: String = "", file: String = "", line: Int = 1) {
    self.source = source
    self.stack = stack
    self.file = file
    self.line = line
  }

  /// The file of its stack without which it cannot be run; `nil` where its text stands in the stack. Of a function it is known once a
  /// run is planned.
  package var neededFile: String? {
    switch source {
    case .text: nil
    case .file(let path): path
    case .function: file
    }
  }
}

/// Where a function stands in the stack that a Lua file declares. With the stack's name and its files' hashes this is the function's
/// identity: one that was inherited is found again in its own stack.
package enum StackFunction: Sendable, Hashable {
  /// An entry of a hook's list; `index` counts from 0.
  case hook(application: String, HookPlace, index: Int)
  /// What a stack runs in place of its graph.
  case run
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
