/// A decoder as a fuzzer sees it: any bytes go in, and nothing may come out of it but an answer.
struct FuzzTarget: Sendable {
  /// As `scripts/fuzz` and the folders of the corpus have it.
  let name: String
  /// For the list of targets.
  let summary: String
  /// In bytes. What matters is found in short inputs; long ones only make the search slow.
  let longestInput: Int
  /// Throws a ``Violation`` where the decoder answers, but not what it should.
  let check: @Sendable ([UInt8]) throws -> Void

  static let all: [FuzzTarget] = [
    .yaml, .declaration, .merge, .stackJSON, .json, .requestBodies, .variables, .constraints, .patterns, .schedule,
    .durations,
    .zoneInfo, .serverSentEvents, .requestTarget, .requestFields, .filePaths, .marathonAnswers, .marathonDefinition,
    .arguments, .grants, .workerFrames, .workerMessages, .pageTokens, .entityTags,
  ]

  static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// A property that does not hold.
struct Violation: Error, CustomStringConvertible {
  let description: String
}

/// What must hold of an answer.
func require(_ condition: Bool, _ otherwise: @autoclosure () -> String) throws(Violation) {
  if !condition { throw Violation(description: otherwise()) }
}

/// Where two values that must be the same differ.
func requireSame(_ first: String, _ second: String, _ what: String) throws(Violation) {
  guard first != second else { return }
  let same = zip(first.unicodeScalars, second.unicodeScalars).prefix { $0 == $1 }.count
  func part(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.dropFirst(max(0, same - 60)).prefix(160))).debugDescription
  }
  throw Violation(description: "\(what):\n  \(part(first))\n  \(part(second))")
}

/// The lines of an input that has several parts, as text.
func lines(_ bytes: [UInt8]) -> [String] {
  bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
    String(decoding: $0, as: UTF8.self)
  }
}
