import JSON

/// One thing that was found in a script that was not run. It comes from a worker: nothing of it has been checked.
struct ScriptFinding: Sendable, Hashable {
  enum What: Sendable, Hashable {
    /// It is no Lua: the compiler's sentence.
    case syntax(String)
    /// No global of this name: the sentence that reading it would raise.
    case undefined(String)
    /// A module of the host has no such function.
    case noFunction(module: String, String, nearest: String?)
    /// The host has none of the module's functions yet; where one is named, its name.
    case laterModule(String, String?)
    /// It requires what did not come along.
    case noModule(String)
  }

  enum Script: Sendable, Hashable {
    /// Counted from 0.
    case number(Int)
    case module(String)
  }

  var script: Script
  var line: Int
  var what: What

  /// A source has fewer, whatever the worker says.
  private static let mostLines = 1 << 24

  /// Names of other versions of Lua. Who reads them has asked before whether the function of this version is there.
  private static let namesOfOtherVersions: Set<String> = [
    "getfenv", "loadstring", "module", "newproxy", "setfenv", "unpack",
  ]

  /// Nil for what is nothing to tell.
  init?(_ json: JSON) {
    guard let at = json["at"]?.stringValue, let line = json["line"]?.intValue else { return nil }
    if at.hasPrefix("=") {
      guard let number = Int(at.dropFirst()), number > 0 else { return nil }
      script = .number(number - 1)
    } else {
      script = .module(at)
    }
    self.line = min(max(1, line), Self.mostLines)
    let message = json["message"]?.stringValue ?? ""
    let name = json["name"]?.stringValue ?? ""
    let field = json["field"]?.stringValue
    switch json["what"]?.stringValue {
    case "syntax": what = .syntax(message)
    case "global":
      guard !Self.namesOfOtherVersions.contains(name) else { return nil }
      what = .undefined(message)
    case "function": what = .noFunction(module: name, field ?? "", nearest: json["near"]?.stringValue)
    case "later": what = .laterModule(name, field)
    case "module": what = .noModule(message)
    default: return nil
    }
  }
}
