/// The reference page, made from the registry.
package enum LuaReference {
  package static var page: String {
    var parts = [head]
    for module in LuaModule.all + [LuaModule.json] {
      parts.append("## \(module.name.map { "`\($0)`" } ?? "Functions")")
      if module.name != nil { parts.append(module.doc) }
      parts += module.functions.map(section)
    }
    parts += stackParts
    let types = LuaTypes()
    parts.append("## Types")
    parts.append(
      """
      `Duration` is text such as `10m`, `1m30s` or `500ms` (h, m, s, ms, us, ns); `Size` text such as `512MiB` (B, KiB, MiB, GiB, TiB). \
      `JSONValue` is anything that JSON has.
      """)
    for (name, record) in types.records { parts.append("### `\(name)`\n\n" + fields(record.fields)) }
    for handle in types.handles { parts.append(section(handle)) }
    parts.append("## Errors")
    parts.append(errors)
    return parts.joined(separator: "\n\n") + "\n"
  }

  private static let head = """
    # Lua reference

    <!-- Made by `stack-deploy lua reference`; changes go to the registry of host functions. -->

    The functions that scripts have beside [what Lua itself has](lua.md). The table of arguments of each says what may be left out. Arguments are \
    checked before anything happens; all that is wrong is told at once.
    """

  private static func section(_ function: HostFunction) -> String {
    var parts = ["### `\(function.name)(\(signature(function)))`", function.doc]
    switch function.wrapper?.arguments {
    case .values(let doc): parts.append(table([("...", "any", doc)]))
    case .functions(let name, let doc): parts.append(table([(name, "(fun(): T)[]", doc)]))
    case .callback(let name, let type, let doc):
      parts.append(table(function.parameters.map(row) + [(name, type, doc)]))
      parts.append("Returns what the function returns.")
    case nil:
      if !function.parameters.isEmpty { parts.append(fields(function.parameters)) }
      if let result = function.result { parts.append("Returns `\(LuaAnnotations.annotation(result))`.") }
    }
    if let name = function.tryName {
      parts.append(
        "`\(name)` does the same and returns `nil` and the error instead of raising it, but for mistakes in the call.")
    }
    if function.phases != Set(HostFunction.Phase.allCases) {
      let phases = HostFunction.Phase.allCases.filter(function.phases.contains).map(\.rawValue)
      parts.append("Available in: \(phases.joined(separator: ", ")).")
    }
    if !function.errors.isEmpty {
      parts.append("Raises " + function.errors.map { "`\($0.rawValue)`" }.joined(separator: ", ") + ".")
    }
    return parts.joined(separator: "\n\n")
  }

  private static func signature(_ function: HostFunction) -> String {
    switch function.wrapper?.arguments {
    case .values: "..."
    case .functions(let name, _): name
    case .callback(let name, _, _): (function.parameters.map(\.name) + [name]).joined(separator: ", ")
    case nil: function.parameters.map(\.name).joined(separator: ", ")
    }
  }

  private static func section(_ handle: HostHandle) -> String {
    var parts = [
      "### `\(LuaAnnotations.className(of: handle))`", handle.doc + " It is read-only; its `id` is a string.",
    ]
    parts.append(fields(handle.fields))
    for method in handle.methods {
      let names = method.parameters.map(\.name).joined(separator: ", ")
      parts.append(
        "`\(handle.kind):\(method.name)(\(names))` returns `\(LuaAnnotations.annotation(method.result))`. \(method.doc)"
      )
      if !method.parameters.isEmpty { parts.append(fields(method.parameters)) }
    }
    return parts.joined(separator: "\n\n")
  }

  private static func fields(_ fields: [HostField]) -> String { table(fields.map(row)) }

  private static func row(_ field: HostField) -> (String, String, String) {
    let type = LuaAnnotations.annotation(field.type)
    switch field.presence {
    case .required: return (field.name, type, field.doc)
    case .optional: return (field.name, type, "\(field.doc) May be left out.")
    case .standard(let value):
      return (field.name, type, "\(field.doc) Default: `\(LuaAnnotations.standard(value, field.type))`.")
    }
  }

  static func table(_ rows: [(String, String, String)]) -> String {
    func cell(_ text: String) -> String {
      text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
    let lines = rows.map { "| `\($0.0)` | `\(cell($0.1))` | \(cell($0.2)) |" }
    return (["| | | |", "|---|---|---|"] + lines).joined(separator: "\n")
  }

  private static var errors: String {
    let rows = HostCallFailure.Code.allCases.map { "| `\($0.rawValue)` | \($0.doc) |" }
    return """
      A call that fails raises a table: `code`, `op` (the function), `message`, `retryable`, and where there are any `details` and `cause`. `tostring` of it is one \
      line that begins with the script's file and line.

      | `code` | |
      |---|---|
      \(rows.joined(separator: "\n"))
      """
  }
}
