import Arguments

@testable import StackModel

extension FuzzTarget {
  /// Durations as health checks, `@every` and flags have them, and the other numbers that are read as Go reads them.
  static let durations = FuzzTarget(
    name: "durations", summary: "durations and numbers, as health checks and flags have them", longestInput: 128
  ) { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    do {
      let duration = try GoDuration.parse(text)
      let written = GoDuration.text(duration)
      try require(try GoDuration.parse(written) == duration, "\(text) is written as \(written), which is another one")
    } catch let error as GoDurationError {
      try require(!error.description.isEmpty && !error.originalText.isEmpty, "no message")
    }
    _ = try? GoValue.duration(text)

    _ = try? Instances(text)
    let integer = GoNumber.integer(text)
    if let integer { try require(GoNumber.integer("\(integer)") == integer, "\(integer) reads back as another number") }
    if let number = GoNumber.float(text), number.isFinite {
      let written = GoNumber.text(number)
      try require(GoNumber.float(written) == number, "\(number) is written as \(written), which is another number")
    }
    let resolution = YAMLResolution.plain(text)
    if resolution.value == .string(text), !text.isEmpty {
      try require(resolution.tag == YAMLTag.string, "a text with the tag \(resolution.tag)")
    }
  }
}
