package import Concurrency

extension MemoryStore {
  package func document(
    _ key: String, of stack: String, at now: Timestamp
  ) async throws(StoreError) -> DocumentRecord? {
    try withState { state in
      state.documents[BytewiseText(stack)]?.records[BytewiseText(key)].flatMap { $0.isThere(at: now) ? $0 : nil }
    }
  }

  package func documentKeys(
    of stack: String, in range: DocumentRange, limit: Int, at now: Timestamp
  ) async throws(StoreError) -> DocumentKeys {
    try PageLimit.check(limit)
    return try withState { state in
      let documents = state.documents[BytewiseText(stack)] ?? StackDocuments()
      let start = documents.keys.lowerBound(of: BytewiseText(range.start))
      let after = range.after.map(BytewiseText.init)
      var found: [String] = []
      for key in documents.keys[start...] {
        guard found.count <= limit, range.hasPrefix(key.text) else { break }
        if key != after, documents.records[key]?.isThere(at: now) == true { found.append(key.text) }
      }
      return DocumentKeys(found, in: range, limit: limit)
    }
  }

  package func documentCount(of stack: String) async throws(StoreError) -> Int {
    try withState { $0.documents[BytewiseText(stack)]?.keys.count ?? 0 }
  }

  package func latestDocumentVersion(of stack: String) async throws(StoreError) -> Timestamp? {
    try withState { $0.documents[BytewiseText(stack)]?.records.values.map(\.version).max() }
  }

  package func removeExpiredDocuments(at now: Timestamp, epoch: Epoch) async throws(StoreError) {
    try withState { (state) throws(StoreError) in
      try state.check(epoch)
      for stack in state.documents.keys { state.documents[stack]?.remove { !$0.isThere(at: now) } }
    }
  }
}

/// The documents of one stack.
struct StackDocuments: Sendable {
  private(set) var records: [BytewiseText: DocumentRecord] = [:]
  /// The keys of `records`, sorted.
  private(set) var keys: [BytewiseText] = []

  mutating func take(_ write: DocumentWrite) {
    let key = BytewiseText(write.key)
    let stored = records[key]
    if let stored, write.version < stored.version { return }
    switch write.change {
    case .put(let value, let expiresAt):
      if stored == nil { keys.insert(key, at: keys.lowerBound(of: key)) }
      records[key] = DocumentRecord(key: write.key, value: value, version: write.version, expiresAt: expiresAt)
    case .delete:
      guard stored != nil else { return }
      records[key] = nil
      keys.remove(at: keys.lowerBound(of: key))
    }
  }

  mutating func remove(where isUnwanted: (DocumentRecord) -> Bool) {
    records = records.filter { !isUnwanted($0.value) }
    keys.removeAll { records[$0] == nil }
  }
}
