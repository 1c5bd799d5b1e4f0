/// The annotations for the files of stacks.
extension LuaAnnotations {
  static var stackLines: [String] {
    var lines: [String] = []
    for type in StackClass.all {
      lines +=
        ["---\(type.doc)", "---@class \(type.name)\(type.parent.map { ": \($0)" } ?? "")"] + type.fields.map(line)
      if let others = type.others { lines.append("---@field [string] \(others)") }
      if !type.methods.isEmpty { lines.append("local \(type.name) = {}") }
      lines.append("")
      for method in type.methods { lines += Self.lines(of: method, named: "\(type.name):\(method.name)") }
    }
    for function in StackClass.functions { lines += Self.lines(of: function, named: function.name) }
    lines += ["---Variables that a stack declares.", "---@class var", "var = {}", ""]
    for function in StackClass.variables { lines += Self.lines(of: function, named: function.name) }
    return lines
  }

  private static func line(_ field: StackClass.Field) -> String {
    "---@field \(field.name)\(field.isOptional ? "?" : "") \(field.type) \(field.doc)"
  }

  private static func lines(of function: StackClass.Function, named name: String) -> [String] {
    ["---\(function.doc)"]
      + function.parameters.map { "---@param \($0.name)\($0.isOptional ? "?" : "") \($0.type) \($0.doc)" }
      + [
        "---@return \(function.result)",
        "function \(name)(\(function.parameters.map(\.name).joined(separator: ", "))) end", "",
      ]
  }
}

/// The same on the reference page.
extension LuaReference {
  static var stackParts: [String] {
    var parts = ["## Files of stacks", "What the Lua file of a stack has; see [stacks that are Lua](lua.md#stacks)."]
    for function in StackClass.functions + StackClass.variables {
      parts.append(section(function, named: function.name))
    }
    for type in StackClass.all.reversed() {
      parts += ["### `\(type.name)`", type.doc + (type.parent.map { " Beside this, what `\($0)` has." } ?? "")]
      if !type.fields.isEmpty { parts.append(table(type.fields.map(row))) }
      for method in type.methods { parts.append(section(method, named: "\(type.name):\(method.name)")) }
    }
    return parts
  }

  private static func section(_ function: StackClass.Function, named name: String) -> String {
    let names = function.parameters.map(\.name).joined(separator: ", ")
    return [
      "### `\(name)(\(names))`", function.doc, table(function.parameters.map(row)), "Returns `\(function.result)`.",
    ]
    .joined(separator: "\n\n")
  }

  private static func row(_ field: StackClass.Field) -> (String, String, String) {
    (field.name, field.type, field.isOptional ? "\(field.doc) May be left out." : field.doc)
  }
}
