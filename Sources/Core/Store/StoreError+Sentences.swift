/// What every store says in the same words.
extension StoreError {
  package static func stackExists(_ name: String) -> StoreError {
    StoreError(.exists, "Stack \(name) exists already")
  }

  package static func stackNotFound(_ name: String) -> StoreError {
    StoreError(.notFound, "Stack \(name) does not exist")
  }

  /// - Parameter latest: 0 if there is none.
  package static func stackChanged(_ record: StackRecord, latest: Int) -> StoreError {
    StoreError(
      .changed,
      "Stack \(record.name) has been changed meanwhile: its revision \(record.revision) cannot follow revision \(latest)"
    )
  }

  package static func userExists(_ name: String) -> StoreError {
    StoreError(.exists, "User \(name) exists already")
  }

  package static func stackChanged(_ name: String, latest: Int, expected: Int) -> StoreError {
    StoreError(.changed, "Stack \(name) has been changed meanwhile: it has revision \(latest), not \(expected)")
  }

  package static func contentGone(_ pin: ContentPin) -> StoreError {
    StoreError(
      .changed,
      "Stack \(pin.stack) has been changed meanwhile: it no longer has a file with the content \(pin.content)")
  }

  package static func userChanged(_ name: String) -> StoreError {
    StoreError(.changed, "User \(name) has been changed meanwhile")
  }

  package static func runNotFound(_ id: RunID) -> StoreError {
    StoreError(.notFound, "Run \(id) does not exist")
  }

  package static func runChanged(_ id: RunID, stored: Int, expected: Int) -> StoreError {
    StoreError(.changed, "Run \(id) has been changed meanwhile: it is at version \(stored), not \(expected)")
  }

  /// - Parameter last: the last sequence stored; 0 if there is none.
  package static func journalChanged(_ id: RunID, last: Int64, records: [JournalRecord]) -> StoreError {
    StoreError(
      .changed,
      "The journal of run \(id) ends at \(last): \(records.map(\.sequence).prefix(3)) cannot be appended to it")
  }

  package static func applicationOwned(_ application: String, by owner: OwnershipRecord) -> StoreError {
    StoreError(
      .exists,
      "Application \(application) belongs to stack \(owner.stack)"
        + (owner.zone.isEmpty ? "" : " in zone \(owner.zone)"))
  }

  /// - Parameter stored: 0 if there is none.
  package static func ownershipChanged(_ application: String, stored: Int, expected: Int) -> StoreError {
    StoreError(
      .changed,
      "The owner of application \(application) has been changed meanwhile: it is at version \(stored), not \(expected)")
  }

  package static func staleEpoch(_ epoch: Epoch, current: Epoch) -> StoreError {
    StoreError(
      .staleEpoch,
      "Another server has taken over this store (epoch \(current.number)): this one (epoch \(epoch.number)) writes no more"
    )
  }

  package static func closed(_ summary: String) -> StoreError {
    StoreError(.closed, "The store has been closed: \(summary)")
  }
}

extension JournalRecord {
  /// Whether `records` go on, without gaps, after a journal that ends at `last`.
  package static func follow(_ records: [JournalRecord], last: Int64) -> Bool {
    records.enumerated().allSatisfy { $1.sequence == last + 1 + Int64($0) }
  }
}
