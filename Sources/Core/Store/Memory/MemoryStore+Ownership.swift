extension MemoryStore {
  package func owner(of application: String) async throws(StoreError) -> OwnershipRecord? {
    try withState { $0.ownership[BytewiseText(application)] }
  }

  package func ownership(stack: String, zone: String) async throws(StoreError) -> [OwnershipRecord] {
    let (stack, zone) = (BytewiseText(stack), BytewiseText(zone))
    return try withState { state in
      state.ownership
        .filter { BytewiseText($0.value.stack) == stack && BytewiseText($0.value.zone) == zone }
        .sorted { $0.key < $1.key }
        .map(\.value)
    }
  }

  package func putOwnership(_ record: OwnershipRecord, epoch: Epoch) async throws(StoreError) {
    try withState { (state) throws(StoreError) in
      try state.check(epoch)
      let application = BytewiseText(record.application)
      let stored = state.ownership[application]
      guard record.version == (stored?.version ?? 0) + 1 else {
        if record.version == 1, let stored { throw .applicationOwned(record.application, by: stored) }
        throw .ownershipChanged(record.application, stored: stored?.version ?? 0, expected: record.version - 1)
      }
      state.ownership[application] = record
    }
  }

  package func removeOwnership(of application: String, epoch: Epoch) async throws(StoreError) {
    try withState { (state) throws(StoreError) in
      try state.check(epoch)
      state.ownership[BytewiseText(application)] = nil
    }
  }
}
