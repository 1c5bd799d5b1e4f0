/// The entries of a hook: lines of shell as in the original, maps that name a Lua script, and functions of a stack that is Lua, where
/// one entry needs no list.
extension StackDecoder {
  private static let scriptFields = ["lua", "lua_file"]

  mutating func hookCommands(_ node: YAMLNode, _ place: HookPlace) -> Decoded<[HookCommand]> {
    if isLua, let item = single(node) {
      return hookCommand(item, place, 0).map { [$0] }
    }
    var index = -1
    return list(node, as: .texts, empty: .shell("")) { decoder, item in
      index += 1
      return decoder.hookCommand(item, place, index)
    }
  }

  /// A hook's only entry, where it is no list.
  private func single(_ node: YAMLNode) -> YAMLNode? {
    switch node.content {
    case .scalar(let scalar): scalar.isPlain ? nil : node
    case .mapping(let entries): namesScript(entries) ? node : nil
    case .function: node
    case .sequence, .alias, .unusable: nil
    }
  }

  private mutating func hookCommand(_ item: YAMLNode, _ place: HookPlace, _ index: Int) -> Decoded<HookCommand> {
    follow(item) { decoder, item in
      if case .function(let begin) = item.content { return .value(.lua(decoder.function(begin, place, index))) }
      guard case .mapping(let entries) = item.content, decoder.namesScript(entries) else {
        return decoder.text(item).map { .shell($0) }
      }
      return decoder.hookScript(item).map { .lua($0) }
    }
  }

  private func function(_ begin: FunctionPlace, _ place: HookPlace, _ index: Int) -> HookScript {
    // The way here leads through the application: `applications.web.after_task`.
    var application = ""
    if path.components.count > 1, case .key(let key) = path.components[1] { application = key }
    return HookScript(
      .function(.hook(application: application, place, index: index)), file: begin.file, line: begin.line)
  }

  /// Any other map is what the original says it is: no text.
  private func namesScript(_ entries: [YAMLNode.Entry]) -> Bool {
    entries.contains { entry in
      if case .scalar(let key) = entry.key.content { Self.scriptFields.contains(key.text) } else { false }
    }
  }

  private mutating func hookScript(_ node: YAMLNode) -> Decoded<HookScript> {
    var sources: [HookScript] = []
    var isBroken = false
    let decoded = mapping(node, as: .hookScript) { decoder, key, value in
      guard let name = decoder.key(key) else { return }
      decoder.inside(.key(name), key: key, value: value) { decoder in
        switch name {
        case "lua", "lua_file":
          if let script = decoder.hookScript(name, key, value) { sources.append(script) } else { isBroken = true }
        default: decoder.unknown(name, key: key, among: Self.scriptFields)
        }
      }
    }
    guard case .value = decoded, !isBroken, let script = sources.last else { return .failed }
    if sources.count > 1 {
      error(.invalidValue, at: node, "it has both lua and lua_file", hint: "make two entries of them")
      return .failed
    }
    return .value(script)
  }

  private mutating func hookScript(_ field: String, _ key: YAMLNode, _ value: YAMLNode) -> HookScript? {
    guard case .value(let text) = text(value), !text.isEmpty else {
      error(.invalidValue, at: value, field == "lua" ? "the script is empty" : "the path is empty")
      return nil
    }
    if field == "lua" { return HookScript(.text(text), line: firstLine(of: value, below: key)) }
    let problems = StackFilePath.problems(of: text)
    for problem in problems { error(.invalidValue, at: value, "\(StackFilePath.shown(text)): \(problem)") }
    return problems.isEmpty ? HookScript(.file(text)) : nil
  }

  /// Where a script's own first line stands: below the mark of a block (`lua: |`), else where the value does.
  private func firstLine(of value: YAMLNode, below key: YAMLNode) -> Int {
    if case .scalar(let scalar) = value.content, scalar.isBlock { return value.position.line + 1 }
    return value.position.line
  }
}
