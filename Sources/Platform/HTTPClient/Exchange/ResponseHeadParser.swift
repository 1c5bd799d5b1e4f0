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
    let isStatusLine = line.utf8.starts(with: "HTTP/".utf8)
    if head.status == 0 || isStatusLine { return isStatusLine ? statusLine(line) : .malformed }
    if let first = line.utf8.first, Self.isBlank(first) {
      lastField?.value += " " + Self.trimmed(line.utf8[...])
      return .incomplete
    }
    keepLastField()
    guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return .malformed }
    lastField = (String(line[..<colon]), Self.trimmed(line.utf8[colon...].dropFirst()))
    return .incomplete
  }

  private mutating func statusLine(_ line: String) -> Outcome {
    let parts = line.split(separator: " ", maxSplits: 2)
    guard parts.count >= 2, let status = Int(parts[1]), (100...999).contains(status) else {
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

  private static func trimmed(_ text: Substring.UTF8View) -> String {
    let end = text.lastIndex { !isBlank($0) }.map { text.index(after: $0) }
    return String(Substring(text[..<(end ?? text.startIndex)].drop(while: isBlank)))
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
