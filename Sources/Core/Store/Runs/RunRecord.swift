package import Concurrency
package import JSON

/// The number of a run: from 1, rising, never used twice within one store.
package struct RunID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  package var number: Int64

  package init(_ number: Int64) {
    self.number = number
  }

  package var description: String { String(number) }

  package static func < (a: RunID, b: RunID) -> Bool { a.number < b.number }
}

/// What is kept of a run beside its journal. The journal is the truth; `state` and `error` are derived from it and
/// stand here so that runs can be listed without reading journals.
package struct RunRecord: Sendable, Hashable {
  package enum State: String, Sendable, Hashable, CaseIterable {
    case queued, running, blocked, succeeded, failed, cancelled

    /// Nothing more will happen to such a run by itself or by a person.
    package var isFinal: Bool { self == .succeeded || self == .failed || self == .cancelled }
  }

  package enum Kind: String, Sendable, Hashable, CaseIterable {
    case deploy = "run"
    case down
  }

  package var id: RunID
  package var kind: Kind
  package var stack: String
  /// Empty for none.
  package var zone: String
  package var state: State
  /// What went wrong, in one sentence, where the run failed or is blocked.
  package var error: String?
  /// Everything the run was started with, merged and resolved as far as it can be: the engine's own format, versioned.
  package var snapshot: JSON
  package var createdAt: Timestamp
  package var createdBy: String
  package var startedAt: Timestamp?
  package var endedAt: Timestamp?
  /// Counts changes of this record, from 1; what compare-and-set compares.
  package var version: Int

  package init(
    id: RunID, kind: Kind, stack: String, zone: String, state: State, error: String? = nil, snapshot: JSON,
    createdAt: Timestamp, createdBy: String, startedAt: Timestamp? = nil, endedAt: Timestamp? = nil, version: Int = 1
  ) {
    self.id = id
    self.kind = kind
    self.stack = stack
    self.zone = zone
    self.state = state
    self.error = error
    self.snapshot = snapshot
    self.createdAt = createdAt
    self.createdBy = createdBy
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.version = version
  }
}

/// One line of a run's journal. What `kind` and `body` mean is the engine's affair.
package struct JournalRecord: Sendable, Hashable {
  /// From 1, without gaps, within the run.
  package var sequence: Int64
  package var at: Timestamp
  /// The step: `kafka-mesos/launch`; empty for the run itself.
  package var path: String
  package var kind: String
  package var body: JSON

  package init(sequence: Int64, at: Timestamp, path: String, kind: String, body: JSON) {
    self.sequence = sequence
    self.at = at
    self.path = path
    self.kind = kind
    self.body = body
  }
}
