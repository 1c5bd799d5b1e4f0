import JSON

/// A line of shell is a string, a script an object.
extension HookCommand {
  var json: JSON {
    switch self {
    case .shell(let line): .string(line)
    case .lua(let script): script.json
    }
  }

  init(_ place: JSONPlace) throws(JSONDecodingError) {
    self =
      if place.value.objectValue == nil { .shell(try place.string()) } else { .lua(try HookScript(place)) }
  }
}

extension YAMLValue {
  init(_ command: HookCommand) {
    self =
      switch command {
      case .shell(let line): .text(line)
      case .lua(let script): YAMLValue(script)
      }
  }
}
