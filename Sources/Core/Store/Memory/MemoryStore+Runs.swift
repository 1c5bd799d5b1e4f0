package import Concurrency

extension MemoryStore {
  package func createRun(
    _ draft: RunRecord, pinning pins: [ContentPin], epoch: Epoch
  ) async throws(StoreError) -> RunRecord {
    try withState { (state) throws(StoreError) in
      try state.check(epoch)
      return try state.insert(draft, pinning: pins)
    }
  }

  package func createRun(
    _ draft: RunRecord, submission: Submission, pinning pins: [ContentPin], epoch: Epoch
  ) async throws(StoreError) -> RunCreation {
    try withState { (state) throws(StoreError) in
      try state.check(epoch)
      let since = draft.createdAt - Submission.lifetime
      let place = MemoryState.SubmissionPlace(submission.key, of: submission.user)
      if let before = state.submissions[place], before.at >= since {
        return .submittedBefore(before.run, digest: before.digest)
      }
      state.submissions = state.submissions.filter { $0.value.at >= since }
      let record = try state.insert(draft, pinning: pins)
      state.submissions[place] = (record.id, submission.digest, record.createdAt)
      return .created(record)
    }
  }

  package func submittedRun(
    key: String, user: String, since: Timestamp
  ) async throws(StoreError) -> (run: RunID, digest: String)? {
    try withState { state in
      guard let found = state.submissions[MemoryState.SubmissionPlace(key, of: user)], found.at >= since else {
        return nil
      }
      return (found.run, found.digest)
    }
  }

  package func run(_ id: RunID) async throws(StoreError) -> RunRecord? {
    try withState { $0.runs[id] }
  }

  package func runs(
    matching filter: RunFilter, after token: PageToken?, limit: Int
  ) async throws(StoreError) -> Page<RunRecord> {
    try PageLimit.check(limit)
    let before = try token?.numberKey(of: "runs")
    return try withState { state in
      let end = before.map { state.runIDs.lowerBound(of: RunID($0)) } ?? state.runIDs.count
      var found: [RunRecord] = []
      for id in state.runIDs[..<end].reversed() {
        guard found.count <= limit else { break }
        if let record = state.runs[id], filter.matches(record) { found.append(record) }
      }
      return Page(found, limit: limit) { PageToken(list: "runs", key: $0.id.number) }
    }
  }

  package func unfinishedRuns() async throws(StoreError) -> [RunRecord] {
    try withState { state in
      state.runIDs.compactMap { state.runs[$0] }.filter { !$0.state.isFinal }
    }
  }

  package func updateRun(_ record: RunRecord, epoch: Epoch) async throws(StoreError) -> RunRecord {
    try withState { (state) throws(StoreError) in
      try state.check(epoch)
      guard let stored = state.runs[record.id] else { throw .runNotFound(record.id) }
      guard stored.version == record.version else {
        throw .runChanged(record.id, stored: stored.version, expected: record.version)
      }
      var updated = record
      updated.version += 1
      state.runs[record.id] = updated
      state.runs[record.id]?.snapshot = stored.snapshot
      return updated
    }
  }

  package func removeRun(_ id: RunID, epoch: Epoch) async throws(StoreError) {
    try withState { (state) throws(StoreError) in
      try state.check(epoch)
      guard state.runs.removeValue(forKey: id) != nil else { return }
      state.runIDs.remove(at: state.runIDs.lowerBound(of: id))
      state.journals[id] = nil
      for content in state.pins.removeValue(forKey: id) ?? [] { state.release(content) }
      state.submissions = state.submissions.filter { $0.value.run != id }
    }
  }

  package func appendJournal(
    _ records: [JournalRecord], documents: [DocumentWrite], to run: RunID, epoch: Epoch
  ) async throws(StoreError) {
    try withState { (state) throws(StoreError) in
      try state.check(epoch)
      guard state.runs[run] != nil else { throw .runNotFound(run) }
      let last = state.journals[run]?.last?.sequence ?? 0
      guard JournalRecord.follow(records, last: last) else {
        throw .journalChanged(run, last: last, records: records)
      }
      state.journals[run, default: []].append(contentsOf: records)
      for write in documents { state.documents[BytewiseText(write.stack), default: StackDocuments()].take(write) }
    }
  }

  package func journal(
    of run: RunID, after sequence: Int64, limit: Int
  ) async throws(StoreError) -> [JournalRecord] {
    try PageLimit.checkJournal(limit)
    return try withState { state in
      let records = state.journals[run] ?? []
      // Sequences have no gaps, so they are places.
      let start = min(max(0, sequence), Int64(records.count))
      return Array(records[Int(start)...].prefix(limit))
    }
  }
}

extension MemoryState {
  fileprivate mutating func insert(
    _ draft: RunRecord, pinning pins: [ContentPin]
  ) throws(StoreError) -> RunRecord {
    try check(pins)
    lastRun += 1
    var record = draft
    record.id = RunID(lastRun)
    record.version = 1
    runs[record.id] = record
    runIDs.append(record.id)
    let pinned = Set(pins.map(\.content))
    for content in pinned { retain(content) }
    if !pinned.isEmpty { self.pins[record.id] = pinned }
    return record
  }
}

extension RunFilter {
  fileprivate func matches(_ record: RunRecord) -> Bool {
    if let stack, BytewiseText(stack) != BytewiseText(record.stack) { return false }
    if let zone, BytewiseText(zone) != BytewiseText(record.zone) { return false }
    return states.isEmpty || states.contains(record.state)
  }
}
