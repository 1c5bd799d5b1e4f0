import JSON

/// What editors with the Lua language server complete and check by: a `---@meta` file for each module, made from the registry.
package enum LuaAnnotations {
  /// Paths under the folder that an editor opens, each with its text.
  package static var files: [(path: String, text: String)] {
    let modules = LuaModule.all + [LuaModule.json]
    return [
      (".luarc.json", settings.prettyText() + "\n"), ("types/types.lua", file(types)),
      ("types/stack.lua", file(stackLines)),
    ]
      + modules.map { ("types/\($0.name ?? "functions").lua", file(lines(of: $0))) }
  }

  /// What is not in the sandbox is not completed either.
  private static let settings: JSON = [
    "runtime.version": "Lua 5.4",
    "runtime.builtin": [
      "debug": "disable", "io": "disable", "os": "disable", "package": "disable", "bit32": "disable", "ffi": "disable",
      "jit": "disable",
    ],
    "runtime.path": ["?.lua"], "workspace.library": ["types"],
  ]

  private static func file(_ lines: [String]) -> String {
    (["---@meta", "-- Made by `stack-deploy lua types`; changes go to the registry of host functions.", ""] + lines)
      .joined(separator: "\n")
  }

  // MARK: modules

  private static func lines(of module: LuaModule) -> [String] {
    var lines: [String] = []
    if let name = module.name {
      lines += comment(module.doc)
      if name == "json" { lines.append("---@field null JSONNull Stands for null.") }
      lines.insert("---@class \(name)", at: name == "json" ? lines.count - 1 : lines.count)
      lines += ["\(name) = {}", ""]
    }
    for function in module.functions {
      lines += Self.lines(of: function) + [""]
      if let name = function.tryName { lines += tryLines(of: function, name) + [""] }
    }
    return lines
  }

  private static func lines(of function: HostFunction) -> [String] {
    var lines = comment(function.doc)
    var names: [String] = []
    switch function.wrapper?.arguments {
    case .values(let doc):
      lines.append("---@param ... any \(doc)")
      names = ["..."]
    case .functions(let name, let doc):
      lines += ["---@generic T", "---@param \(name) (fun(): T)[] \(doc)", "---@return { [integer]: T?, n: integer }"]
      names = [name]
    case .callback(let name, let type, let doc):
      lines.append("---@generic T")
      lines += function.parameters.map(line)
      lines += ["---@param \(name) \(type) \(doc)", "---@return T"]
      names = function.parameters.map(\.name) + [name]
    case nil:
      lines += function.parameters.map(line)
      if let result = function.result { lines.append("---@return \(annotation(result))") }
      names = function.parameters.map(\.name)
    }
    return lines + ["function \(function.name)(\(names.joined(separator: ", "))) end"]
  }

  private static func tryLines(of function: HostFunction, _ name: String) -> [String] {
    let names = function.parameters.map(\.name).joined(separator: ", ")
    return ["---As `\(function.name)`, but returns nil and the error instead of raising it."]
      + function.parameters.map(line)
      + (function.result.map { ["---@return \(annotation($0))?"] } ?? ["---@return nil"])
      + ["---@return HostError?", "function \(name)(\(names)) end"]
  }

  private static func line(of parameter: HostField) -> String {
    let mark = parameter.presence == .required ? "" : "?"
    var type = annotation(parameter.type)
    // Where a handle is wanted, its id does.
    if case .handle = parameter.type { type += "|string" }
    return "---@param \(parameter.name)\(mark) \(type) \(doc(of: parameter))"
  }

  // MARK: types

  private static var types: [String] {
    var lines = [
      "---A time such as `10m`, `1m30s` or `500ms`; units are h, m, s, ms, us and ns.", "---@alias Duration string", "",
      "---A number of bytes such as `512MiB`; units are B, KiB, MiB, GiB and TiB.", "---@alias Size string", "",
      "---What `json.null` is.", "---@alias JSONNull userdata", "",
      "---Anything that JSON has. `json.null` stands for null.",
      "---@alias JSONValue string|number|boolean|table|JSONNull", "", "---What functions of the host raise.",
      "---@class HostError", "---@field code ErrorCode What happened.",
      "---@field op string The function that was called.",
      "---@field message string What happened, for people.",
      "---@field retryable boolean Whether the same call may succeed later.", "---@field details? any More of it.",
      "---@field cause? string What lies behind it.", "",
      "---@alias ErrorCode",
    ]
    lines += HostCallFailure.Code.allCases.map { "---| \"\($0.rawValue)\" # \($0.doc)" }
    lines.append("")
    let types = LuaTypes()
    for (name, record) in types.records { lines += ["---@class \(name)"] + record.fields.map(field) + [""] }
    for handle in types.handles { lines += Self.lines(of: handle) }
    return lines + ["---What a hook gets, also as its first argument.", "---@type HookContext", "ctx = nil", ""]
  }

  private static func field(_ field: HostField) -> String {
    let mark = field.presence == .required ? "" : "?"
    return "---@field \(field.name)\(mark) \(annotation(field.type)) \(doc(of: field))"
  }

  private static func lines(of handle: HostHandle) -> [String] {
    let name = className(of: handle)
    var lines = comment(handle.doc) + ["---@class \(name)", "---@field id string What it is called on the cluster."]
    lines += handle.fields.map(field) + ["local \(name) = {}", ""]
    for method in handle.methods {
      lines += comment(method.doc) + method.parameters.map(line) + ["---@return \(annotation(method.result))"]
      lines += ["function \(name):\(method.name)(\(method.parameters.map(\.name).joined(separator: ", "))) end", ""]
    }
    return lines
  }

  static func className(of handle: HostHandle) -> String {
    handle.kind.prefix(1).uppercased() + handle.kind.dropFirst()
  }

  /// A type as annotations and the reference write it.
  static func annotation(_ type: HostType) -> String {
    switch type {
    case .string: return "string"
    case .integer: return "integer"
    case .number: return "number"
    case .boolean: return "boolean"
    case .duration: return "Duration"
    case .size: return "Size"
    case .choice(let choices): return choices.map { "\"\($0)\"" }.joined(separator: "|")
    case .list(let element):
      let inner = annotation(element)
      return inner.contains("|") ? "(\(inner))[]" : "\(inner)[]"
    case .map(let element): return "table<string, \(annotation(element))>"
    case .record(let record): return record.name ?? inline(record)
    case .json: return "JSONValue"
    case .handle(let handle): return className(of: handle)
    case .nullable(let wrapped): return annotation(wrapped) + "?"
    }
  }

  private static func inline(_ record: HostRecord) -> String {
    let fields = record.fields.map { field in
      "\(field.name)\(field.presence == .required ? "" : "?"): \(annotation(field.type))"
    }
    return "{ \(fields.joined(separator: ", ")) }"
  }

  private static func doc(of field: HostField) -> String {
    guard case .standard(let value) = field.presence else { return field.doc }
    return "\(field.doc) Default: `\(standard(value, field.type))`."
  }

  /// A default as a script would write it.
  static func standard(_ value: JSON, _ type: HostType) -> String { value.text }

  private static func comment(_ doc: String) -> [String] { doc.split(separator: "\n").map { "---\($0)" } }
}
