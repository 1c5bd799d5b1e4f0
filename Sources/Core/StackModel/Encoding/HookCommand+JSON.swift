import JSON

/// A line of shell is a string, a script an object: `{"lua": text, "line": 12}` or `{"lua_file": path}`, with the stack and
/// the file that it comes from where they are known.
extension HookCommand {
  var json: JSON {
    switch self {
    case .shell(let line): return .string(line)
    case .lua(let script):
      var object: JSONObject = [:]
      switch script.source {
      case .text(let text): object["lua"] = .string(text)
      case .file(let path): object["lua_file"] = .string(path)
      }
      object.set("stack", script.stack)
      object.set("file", script.file)
      if script.line != 1 { object["line"] = .integer(Int64(script.line)) }
      return .object(object)
    }
  }

  init(_ place: JSONPlace) throws(JSONDecodingError) {
    guard place.value.objectValue != nil else {
      self = .shell(try place.string())
      return
    }
    let source: HookScript.Source
    if let text = place["lua"] {
      source = .text(try text.string())
    } else if let path = place["lua_file"] {
      source = .file(try path.string())
    } else {
      throw place.mismatch("a string, or an object with lua or lua_file,")
    }
    self = .lua(
      HookScript(
        source, stack: try place["stack"]?.string() ?? "", file: try place["file"]?.string() ?? "",
        line: try place["line"]?.integer() ?? 1))
  }
}

extension YAMLValue {
  init(_ command: HookCommand) {
    switch command {
    case .shell(let line): self = .text(line)
    case .lua(let script):
      var fields = YAMLFields()
      switch script.source {
      case .text(let text): fields.add("lua", text)
      case .file(let path): fields.add("lua_file", path)
      }
      self = fields.value
    }
  }
}
