package import Concurrency
package import JSON

/// One change of a run. `GET /api/v1/runs/{run}/events` gives them as a page, or with `Accept: text/event-stream` as
/// server-sent events: `id` is the sequence (passing notes have none), `event` the kind, `data` this as JSON. The stream
/// goes on after `Last-Event-ID` and ends after the event with `final`.
package struct APIEvent: Sendable, Hashable, Codable {
  package var run: Int64
  /// The journal's sequence; nil for a passing note.
  package var sequence: Int64?
  package var at: Timestamp
  /// `accepted`, `run_state`, `application_state`, `step_started`, `step_ended`, `waiting`, `variables` …
  package var kind: String
  package var application: String?
  package var step: String?
  /// For people.
  package var sentence: String
  /// What programs may want to know; its members depend on the kind.
  package var data: JSON
  /// The last event that the run will ever have.
  package var final: Bool

  package init(
    run: Int64, sequence: Int64?, at: Timestamp, kind: String, application: String?, step: String?, sentence: String,
    data: JSON, final: Bool
  ) {
    self.run = run
    self.sequence = sequence
    self.at = at
    self.kind = kind
    self.application = application
    self.step = step
    self.sentence = sentence
    self.data = data
    self.final = final
  }
}

/// `GET /api/v1/runs/{run}/events?after=SEQUENCE&limit=N`.
package struct APIEventPage: Sendable, Hashable, Codable {
  package var events: [APIEvent]
  /// For `after` of the next call; nil when these were all so far.
  package var next: Int64?

  package init(events: [APIEvent], next: Int64?) {
    self.events = events
    self.next = next
  }
}
