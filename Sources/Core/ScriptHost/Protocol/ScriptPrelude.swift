/// The host's own Lua that a worker runs before the script: methods of handles, functions that call back, the context.
///
/// Sources in the registry are expressions that see: `functions`, the bare functions by name; `kind` (`type`), `callback(op, place, value)`, which refuses
/// what is no function; `misuse(op, message)`, which raises `invalid_argument`; `raise`, which raises the error whose fields it is given; `line`, which makes
/// one text of its arguments; `seconds`, which makes a duration of a number; `branches`, which runs a list of functions by turns (parallel.c); and
/// `error pcall tostring pairs pack unpack min max`.
enum ScriptPrelude {
  /// - Parameter stack: for the file of a stack, what is done with it; nil for any other script.
  static func source(
    functions: [HostFunction], contextType: HostType?, hasOutput: Bool, stack: StackPrelude? = nil
  ) -> String {
    let handles = Set((functions.compactMap(\.result) + [contextType].compactMap(\.self)).flatMap(\.handles))
    var lines = [head]
    if stack != nil { lines.append(StackPrelude.guardian) }
    if !functions.isEmpty { lines += HostFunctions.laterModules.map(declaration(ofLater:)) }
    for handle in handles.sorted(by: { $0.kind < $1.kind }) { lines.append(declaration(of: handle)) }
    let names = Set(functions.map(\.name))
    for function in functions {
      lines += declaration(of: function, among: names)
      if let name = function.tryName {
        lines.append("add(\"\(name)\", attempt(made[\"\(function.name)\"] or functions[\"\(function.name)\"]))")
      }
    }
    if !hasOutput, names.contains("log.info") { lines.append("add(\"print\", made[\"log.info\"])") }
    if let contextType {
      lines.append("local ctx = host.context")
      lines += conversion(of: "ctx", contextType)
      lines.append("ctx = host.freeze(ctx)")
    }
    if let stack {
      lines += stack.lines(given: functions, hasOutput: hasOutput)
    } else if contextType != nil {
      lines.append("return ctx")
    }
    // Scripts without functions and context, the bench's and the command line's, need not wait for it.
    return lines.count == 1 ? "" : lines.joined(separator: "\n")
  }

  private static let head = """
    local host = ...
    local functions, add, raise, line, made = host.functions, host.add, host.raise, host.line, {}
    local branches = host.branches
    local kind, error, pcall, tostring, pairs = type, error, pcall, tostring, pairs
    local pack, unpack, min, max, format = table.pack, table.unpack, math.min, math.max, string.format
    local function misuse(op, message) raise { code = "invalid_argument", op = op, message = message, retryable = false } end
    local function callback(op, place, value)
      if kind(value) ~= "function" then misuse(op, "argument " .. place .. " (fn) must be a function, is " .. (value == nil and "nil" or "a " .. kind(value))) end
    end
    local mistakes = { invalid_argument = true, cancelled = true, budget_exceeded = true, internal = true }
    local function attempt(call)
      return function(...)
        local results = pack(pcall(call, ...))
        if results[1] then return unpack(results, 2, results.n) end
        local e = results[2]
        if kind(e) ~= "table" or mistakes[e.code] then error(e, 0) end
        return nil, e
      end
    end
    local function seconds(number) return format("%.3fs", number) end
    """

  /// Whatever is taken of it, the error names that.
  private static func declaration(ofLater module: String) -> String {
    """
    host.later("\(module)", host.handle("\(module)", {}, function(_, name)
      misuse("\(module)." .. (kind(name) == "string" and line(name) or "?"), "\(HostFunctions.isNotThere)")
    end)({}))
    """
  }

  private static func declaration(of handle: HostHandle) -> String {
    let methods = handle.methods.map { "  \($0.name) = \($0.source),\n" }.joined()
    return "local handle_\(handle.kind) = host.handle(\"\(handle.kind)\", {\n\(methods)})"
  }

  /// Nothing for a function that a script gets bare.
  private static func declaration(of function: HostFunction, among names: Set<String>) -> [String] {
    let bare = "functions[\"\(function.name)\"]"
    if let wrapper = function.wrapper {
      guard wrapper.uses.allSatisfy(names.contains) else { return ["add(\"\(function.name)\", nil)"] }
      return [
        "do local call = \(bare)", "made[\"\(function.name)\"] = \(wrapper.source) end",
        "add(\"\(function.name)\", made[\"\(function.name)\"])",
      ]
    }
    let handles = function.result.map { conversion(of: "result", $0) } ?? []
    guard !handles.isEmpty else { return [] }
    return ["do local call = \(bare)", "add(\"\(function.name)\", function(...)", "local result = call(...)"]
      + handles
      + ["return result end) end"]
  }

  /// Statements that make handles of the tables in a variable or field that are meant to be.
  private static func conversion(of place: String, _ type: HostType, depth: Int = 0) -> [String] {
    switch type {
    case .handle(let handle): return ["\(place) = handle_\(handle.kind)(\(place))"]
    case .nullable(let wrapped): return conversion(of: place, wrapped, depth: depth)
    case .list(let element), .map(let element):
      let inner = conversion(of: "\(place)[key\(depth)]", element, depth: depth + 1)
      guard !inner.isEmpty else { return [] }
      return ["if kind(\(place)) == \"table\" then for key\(depth) in pairs(\(place)) do"] + inner + ["end end"]
    case .record(let record):
      let inner = record.fields.flatMap { conversion(of: "\(place).\($0.name)", $0.type, depth: depth) }
      guard !inner.isEmpty else { return [] }
      return ["if kind(\(place)) == \"table\" then"] + inner + ["end"]
    case .string, .integer, .number, .boolean, .duration, .size, .choice, .json: return []
    }
  }
}

extension HostType {
  /// The kinds of handles that a value may contain.
  fileprivate var handles: [HostHandle] {
    switch self {
    case .handle(let handle): [handle]
    case .list(let wrapped), .map(let wrapped), .nullable(let wrapped): wrapped.handles
    case .record(let record): record.fields.flatMap(\.type.handles)
    case .string, .integer, .number, .boolean, .duration, .size, .choice, .json: []
    }
  }
}
