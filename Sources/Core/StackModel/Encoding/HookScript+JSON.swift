package import JSON

/// `{"lua": text, "line": 12}`, `{"lua_file": path}` or `{"function": "run", "line": 27}`, with the stack and the file that it comes
/// from where they are known.
extension HookScript {
  var json: JSON {
    var object: JSONObject = [:]
    switch source {
    case .text(let text): object["lua"] = .string(text)
    case .file(let path): object["lua_file"] = .string(path)
    case .function(let function): object["function"] = function.json
    }
    object.set("stack", stack)
    object.set("file", file)
    if line != 1 { object["line"] = .integer(Int64(line)) }
    return .object(object)
  }

  init(_ place: JSONPlace) throws(JSONDecodingError) {
    let source: Source
    if let text = place["lua"] {
      source = .text(try text.string())
    } else if let path = place["lua_file"] {
      source = .file(try path.string())
    } else if let function = place["function"] {
      source = .function(try StackFunction(function))
    } else {
      throw place.mismatch("a string, or an object with lua, lua_file or function,")
    }
    self.init(
      source, stack: try place["stack"]?.string() ?? "", file: try place["file"]?.string() ?? "",
      line: try place["line"]?.integer() ?? 1)
  }
}

/// `"run"`, or `{"application": "web", "hook": "after_task", "index": 0}`.
extension StackFunction {
  package var json: JSON {
    switch self {
    case .run: "run"
    case .hook(let application, let hook, let index):
      ["application": .string(application), "hook": .string(hook.rawValue), "index": .integer(Int64(index))]
    }
  }

  init(_ place: JSONPlace) throws(JSONDecodingError) {
    guard place.value.objectValue != nil else {
      guard try place.string() == "run" else { throw place.mismatch("run, or a hook,") }
      self = .run
      return
    }
    guard let application = try place["application"]?.string(),
      let hook = try place["hook"].flatMap({ (place) throws(JSONDecodingError) in
        HookPlace(rawValue: try place.string())
      }),
      let index = try place["index"]?.integer(), index >= 0
    else { throw place.mismatch("a function's application, hook and index") }
    self = .hook(application: application, hook, index: index)
  }
}

extension YAMLValue {
  /// A function is shown by its place: YAML has no way to write it.
  init(_ script: HookScript) {
    var fields = YAMLFields()
    switch script.source {
    case .text(let text): fields.add("lua", text)
    case .file(let path): fields.add("lua_file", path)
    case .function: fields.add("function", "\(script.file):\(script.line)")
    }
    self = fields.value
  }
}
