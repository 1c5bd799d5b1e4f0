import JSON

/// A file that is brought into a task's sandbox before it starts.
struct FetchDefinition: Sendable, Hashable {
  var uri: String
  var extract = true
  var executable = false
  var cache = false
  /// Where in the sandbox it goes; its own name without one.
  var destPath: String?

  var json: JSON {
    var object: JSONObject = [
      "uri": .string(uri), "extract": .bool(extract), "executable": .bool(executable), "cache": .bool(cache),
    ]
    if let destPath { object["destPath"] = .string(destPath) }
    return .object(object)
  }

  static func read(_ reader: inout DefinitionReader) -> FetchDefinition? {
    guard reader.has("uri") else {
      reader.missing("uri")
      return nil
    }
    guard let uri = reader.string("uri") else { return nil }
    return FetchDefinition(
      uri: uri,
      extract: reader.bool("extract") ?? true,
      executable: reader.bool("executable") ?? false,
      cache: reader.bool("cache") ?? false,
      destPath: reader.string("destPath"))
  }

  /// What Java's `URI` takes: no blank, no control, none of the characters that must be escaped.
  static func isWellFormed(_ uri: String) -> Bool {
    !uri.isEmpty && uri.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && !Array("<>\"{}|\\^`".utf8).contains($0) }
  }
}
