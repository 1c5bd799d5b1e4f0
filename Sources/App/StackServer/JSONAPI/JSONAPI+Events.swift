import Engine
import HTTPServer
import HTTPTypes
import StackAPI
import Store

extension JSONAPI {
  @Sendable func runEvents(_ call: Call) async throws -> HTTPResponse {
    let id = try runID(of: call)
    try services.gate.check(for: id)
    if call.request.fields.all("Accept").contains(where: { $0.contains("text/event-stream") }) {
      return try await stream(id, after: try lastEventID(of: call))
    }
    let after = try number("after", of: call) ?? 0
    let (limit, _) = try page(of: call)
    // The run must exist; its journal may be empty.
    _ = try await services.engine.status(id)
    // One more than asked for tells whether there are more.
    let records = try await services.store.journal(of: id, after: after, limit: limit + 1)
    let page = records.prefix(limit)
    let last = records.last?.sequence ?? after
    let events = page.compactMap { record -> APIEvent? in
      var event = RunEvent(record, of: id)
      event?.isFollowed = record.sequence < last
      return event.map(APIEvent.init)
    }
    return .json(APIEventPage(events: events, next: records.count > limit ? page.last?.sequence : nil))
  }

  private func lastEventID(of call: Call) throws -> Int64 {
    if let text = call.request.fields["Last-Event-ID"], !text.isEmpty {
      guard let sequence = Int64(text), sequence >= 0 else {
        throw Refusal.badRequest("Last-Event-ID is the number of an event of this stream, not \"\(text)\"")
      }
      return sequence
    }
    return try number("after", of: call) ?? 0
  }

  private func stream(_ id: RunID, after sequence: Int64) async throws -> HTTPResponse {
    let events = try await services.engine.events(id, after: sequence)
    let (messages, pulse) = (services.eventMessages, services.pulse)
    return HTTPResponse(
      fields: ["Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"],
      body: .stream { writer in
        // At once, so that the follower knows that it follows.
        try await writer.write(Pulse.comment)
        let beat = pulse.begin(writer)
        defer { pulse.end(beat) }
        var iterator = events.makeAsyncIterator()
        while let batch = try await iterator.nextBatch() {
          for index in batch.indices { try await writer.write(try messages.message(batch, at: index)) }
        }
      })
  }
}
