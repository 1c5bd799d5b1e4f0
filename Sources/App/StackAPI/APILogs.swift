/// Which logs of a run are followed, and from where on.
package struct APILogRequest: Sendable, Codable, Hashable {
  /// One of the run's applications; all of them where it is nil.
  package var application: String?
  /// `stdout` or `stderr`; both where it is nil.
  package var stream: String?
  /// What was received already: of each log its source and the `next` of its last piece. Logs that are not named begin
  /// at their beginning.
  package var positions: [String: Int]?

  package init(application: String? = nil, stream: String? = nil, positions: [String: Int]? = nil) {
    self.application = application
    self.stream = stream
    self.positions = positions
  }
}

/// What one log of a run has further on.
package struct APILogPiece: Sendable, Codable, Hashable {
  /// Names the log, for `positions`.
  package var source: String
  /// Whose log it is, for people; nil where the text is a sentence about a log that is not here.
  package var heading: String?
  /// Whole characters; what is no UTF-8 has been replaced.
  package var text: String
  /// Where the log goes on behind this piece.
  package var next: Int

  package init(source: String, heading: String?, text: String, next: Int) {
    self.source = source
    self.heading = heading
    self.text = text
    self.next = next
  }

  /// The kinds of messages in the stream.
  package static let eventName = "piece"
  /// Nothing more will be written: the stream's last message.
  package static let endEventName = "end"
}
