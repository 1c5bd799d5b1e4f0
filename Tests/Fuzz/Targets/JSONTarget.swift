import JSON

extension FuzzTarget {
  static let json = FuzzTarget(
    name: "json", summary: "JSON: parsing, printing, canonical form, the Codable bridge", longestInput: 4_096
  ) { bytes in
    let json: JSON
    do throws(JSONParseError) {
      json = try JSON(parsing: bytes)
    } catch {
      try require(error.offset <= bytes.count && error.line >= 1 && error.column >= 1, "a place outside: \(error)")
      try require(error.description.utf8.count < 400, "a long message: \(error)")
      return
    }
    try requireSame(try JSON(parsingFirstOf: bytes).text, json.text, "the first value is another one than the only one")
    try require(try JSON(parsing: json.bytes) == json, "the value does not come back: \(json.text.prefix(200))")
    try require(try JSON(parsing: json.prettyText()) == json, "the value does not come back from many lines")

    let canonical = json.canonical
    try require(
      canonical.isEquivalent(to: json) && json.isEquivalent(to: canonical), "the canonical form says something else")
    try requireSame(canonical.canonical.text, canonical.text, "the canonical form has another one")
    try require(try JSON(encoding: json) == json, "the value does not pass through the encoder")
    let decoded: JSON = try json.decode()
    try require(decoded == json, "the value does not pass through the decoder")
    // Wrong types are errors with a place.
    _ = try? json.decode([String: Int].self)
    _ = try? json.decode([Double?].self)
    _ = try? json.decode([[UInt8]].self)
  }
}
