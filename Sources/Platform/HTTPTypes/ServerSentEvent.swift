/// One message of a `text/event-stream` (WHATWG HTML, 9.2).
package struct ServerSentEvent: Sendable, Hashable {
  /// What a client sends back as `Last-Event-ID`. Must not contain a line break or NUL.
  package var id: String?
  /// The kind; without it a client sees `message`. Must not contain a line break.
  package var event: String?
  package var data: String?
  /// Text that clients ignore: a heartbeat. Never decoded.
  package var comment: String?
  /// Milliseconds that a client is asked to wait before it connects again.
  package var retry: Int?

  package init(
    id: String? = nil, event: String? = nil, data: String? = nil, comment: String? = nil, retry: Int? = nil
  ) {
    self.id = id
    self.event = event
    self.data = data
    self.comment = comment
    self.retry = retry
  }

  /// The message with its empty line at the end. Line breaks of data and comment become lines of their own; those of
  /// id and event, which have no way to stand there, become spaces.
  package var bytes: [UInt8] {
    var lines = Lines()
    if let comment { lines.add("", comment, lineBreak: "\n: ") }
    if let id { lines.add("id", id.utf8.contains(0) ? id.replacing("\0", with: " ") : id, lineBreak: " ") }
    if let event { lines.add("event", event, lineBreak: " ") }
    if let retry { lines.add("retry", String(retry), lineBreak: " ") }
    if let data { lines.add("data", data, lineBreak: "\ndata: ") }
    lines.bytes.append(UInt8(ascii: "\n"))
    return lines.bytes
  }

  private struct Lines {
    var bytes: [UInt8] = []

    /// Line breaks are CR LF, CR and LF; others of Unicode do not end a line here.
    mutating func add(_ name: String, _ value: String, lineBreak: String) {
      bytes.reserveCapacity(bytes.count + name.utf8.count + value.utf8.count + 4)
      bytes.append(contentsOf: "\(name): ".utf8)
      var previous: UInt8 = 0
      for byte in value.utf8 {
        switch byte {
        case UInt8(ascii: "\n") where previous == UInt8(ascii: "\r"): break
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"): bytes.append(contentsOf: lineBreak.utf8)
        default: bytes.append(byte)
        }
        previous = byte
      }
      bytes.append(UInt8(ascii: "\n"))
    }
  }
}
