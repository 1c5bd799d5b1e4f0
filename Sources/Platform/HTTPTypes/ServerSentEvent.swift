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
    var lines = ""
    func addLines(_ name: String, _ value: String) {
      for line in value.split(omittingEmptySubsequences: false, whereSeparator: \.isSSELineBreak) {
        lines += "\(name): \(line)\n"
      }
    }
    if let comment { addLines("", comment) }
    if let id { lines += "id: \(onOneLine(id.replacing("\0", with: " ")))\n" }
    if let event { lines += "event: \(onOneLine(event))\n" }
    if let retry { lines += "retry: \(retry)\n" }
    if let data { addLines("data", data) }
    return Array((lines + "\n").utf8)
  }

  private func onOneLine(_ text: String) -> String {
    String(text.map { $0.isSSELineBreak ? " " : $0 })
  }
}

extension Character {
  /// CR LF is one `Character`. Other line breaks of Unicode do not end a line here.
  fileprivate var isSSELineBreak: Bool { self == "\n" || self == "\r" || self == "\r\n" }
}
