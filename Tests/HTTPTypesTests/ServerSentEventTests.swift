import HTTPTypes
import Testing

@Suite struct ServerSentEventTests {
  private func decode(_ text: String, pieces: Int = .max) throws -> [ServerSentEvent] {
    var decoder = ServerSentEventDecoder()
    var events: [ServerSentEvent] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      events += try decoder.feed(rest.prefix(pieces))
      rest = rest.dropFirst(pieces)
    }
    return events
  }

  @Test func printsMessages() {
    let event = ServerSentEvent(id: "7", event: "step", data: "a\nb\r\nc", retry: 500)
    #expect(
      String(decoding: event.bytes, as: UTF8.self) == "id: 7\nevent: step\nretry: 500\ndata: a\ndata: b\ndata: c\n\n")
    #expect(String(decoding: ServerSentEvent(comment: "alive").bytes, as: UTF8.self) == ": alive\n\n")
    #expect(
      String(decoding: ServerSentEvent(id: "1\ndata: x", data: "").bytes, as: UTF8.self) == "id: 1 data: x\ndata: \n\n")
  }

  @Test func readsWhatItPrints() throws {
    let events = [
      ServerSentEvent(id: "1", event: "e", data: "{\"a\":1}"), ServerSentEvent(data: "two\nlines\n"),
      ServerSentEvent(data: ""),
      ServerSentEvent(id: "ü", data: " leading space: and colon", retry: 1),
    ]
    let text = String(decoding: events.flatMap(\.bytes), as: UTF8.self)
    for pieces in 1...7 { #expect(try decode(text, pieces: pieces) == events) }
  }

  @Test(arguments: ["\n", "\r", "\r\n"]) func readsAllLineEnds(end: String) throws {
    let lines = [
      "\u{feff}: comment", "event: a", "data: 1", "data:2", "data", "", "data:  x", "unknown: y", "", "event: no data",
      "",
    ]
    let text = lines.map { $0 + end }.joined()
    for pieces in [1, 2, 3, 1_000] {
      #expect(
        try decode(text, pieces: pieces) == [ServerSentEvent(event: "a", data: "1\n2\n"), ServerSentEvent(data: " x")])
    }
  }

  @Test func keepsTheLastIDAndDropsTheUnfinished() throws {
    var decoder = ServerSentEventDecoder()
    #expect(try decoder.feed(Array("id: 5\n\nretry: 10\nretry: x\nid: a\0b\n\ndata: 1".utf8)).isEmpty)
    #expect(decoder.lastEventID == "5")
    #expect(decoder.retry == 10)
    #expect(try decoder.feed(Array("\n\n".utf8)) == [ServerSentEvent(data: "1")])
    #expect(try decoder.feed(Array("id\ndata\n\n".utf8)) == [ServerSentEvent(id: "", data: "")])
    #expect(decoder.lastEventID == nil)
  }

  @Test func messagesHaveALimit() throws {
    var decoder = ServerSentEventDecoder(limit: 20)
    for _ in 0..<10 { #expect(try decoder.feed(Array("data: 12345678901234\n\n".utf8)).count == 1) }
    #expect(throws: ServerSentEventTooLarge.self) { try decoder.feed(Array("data: 123\ndata: 456789\n".utf8)) }
  }
}
