import HTTPTypes
import MarathonClient

extension FuzzTarget {
  /// An event stream, and what Marathon's client makes of its messages.
  static let serverSentEvents = FuzzTarget(
    name: "sse", summary: "event streams, cut anywhere; Marathon's events", longestInput: 4_096
  ) { bytes in
    var whole = ServerSentEventDecoder(limit: 2_048)
    let events: [ServerSentEvent]
    do { events = try whole.feed(bytes) } catch { return }

    // Cut at places that the input itself decides.
    var pieces = ServerSentEventDecoder(limit: 2_048)
    var found: [ServerSentEvent] = []
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + 1 + Int(bytes[start] & 15))
      found += try pieces.feed(bytes[start..<end])
      start = end
    }
    try require(found == events, "the events depend on where the stream is cut")
    try require(pieces.lastEventID == whole.lastEventID && pieces.retry == whole.retry, "the state depends on the cuts")

    for event in events {
      var decoder = ServerSentEventDecoder()
      let again = try decoder.feed(event.bytes)
      try require(again == [event], "\(event) is written as \(again)")
      _ = MarathonEvent(event)
    }
  }
}
