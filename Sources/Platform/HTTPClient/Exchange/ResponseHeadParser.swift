import HTTPTypes

/// Puts the header lines together that libcurl delivers one by one: heads of interim answers (1xx), the final
/// head, trailers.
struct ResponseHeadParser {
  struct Head: Sendable {
    var status: Int
    var fields: HTTPFields
  }

  enum Outcome: Equatable {
    case incomplete
    /// The final head is complete.
    case complete
    /// More than ``limit`` bytes of header lines in this exchange.
    case tooLarge
    case malformed
  }

  /// Bytes of all header lines of one exchange.
  static let limit = 256 * 1024

  private(set) var head = Head(status: 0, fields: HTTPFields())
  private var isComplete = false
  private var received = 0
  private var lastField: (name: String, value: String)?

  mutating func handle(line bytes: UnsafeRawBufferPointer) -> Outcome {
    received += bytes.count
    if received > Self.limit { return .tooLarge }
    // What comes after the final head are trailers. No answer that we read has a use for them.
    if isComplete { return .incomplete }
    var count = bytes.count
    while count > 0, bytes[count - 1] == UInt8(ascii: "\n") || bytes[count - 1] == UInt8(ascii: "\r") { count -= 1 }
    if count == 0 { return endOfHead() }
    let line = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<count]), as: UTF8.self)
    if head.status == 0 || line.hasPrefix("HTTP/") { return statusLine(line) }
    if line.first == " " || line.first == "\t" {
      lastField?.value += " " + Self.trimmed(line[...])
      return .incomplete
    }
    keepLastField()
    guard let colon = line.firstIndex(of: ":") else { return .malformed }
    lastField = (String(line[..<colon]), Self.trimmed(line[line.index(after: colon)...]))
    return .incomplete
  }

  private mutating func statusLine(_ line: String) -> Outcome {
    let parts = line.split(separator: " ", maxSplits: 2)
    guard line.hasPrefix("HTTP/"), parts.count >= 2, let status = Int(parts[1]), (100...999).contains(status) else {
      return .malformed
    }
    lastField = nil
    head = Head(status: status, fields: HTTPFields())
    return .incomplete
  }

  private mutating func endOfHead() -> Outcome {
    keepLastField()
    guard head.status >= 200 else {
      head = Head(status: 0, fields: HTTPFields())
      return .incomplete
    }
    isComplete = true
    return .complete
  }

  private mutating func keepLastField() {
    if let lastField { head.fields.append(lastField.name, lastField.value) }
    lastField = nil
  }

  private static func trimmed(_ text: Substring) -> String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    var text = text.drop(while: isBlank)
    while let last = text.last, isBlank(last) { text.removeLast() }
    return String(text)
  }
}
