extension MemoryStore {
  package func owners(of applications: [String]) async throws(StoreError) -> [OwnershipRecord] {
    try withState { state in applications.compactMap { state.ownership[BytewiseText($0)] } }
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

  package func putOwnership(_ records: [OwnershipRecord], epoch: Epoch) async throws(StoreError) {
    try withState { (state) throws(StoreError) in
      try state.check(epoch)
      var ownership = state.ownership
      for record in records {
        let application = BytewiseText(record.application)
        let stored = ownership[application]
        guard record.version == (stored?.version ?? 0) + 1 else {
          if record.version == 1, let stored { throw .applicationOwned(record.application, by: stored) }
          throw .ownershipChanged(record.application, stored: stored?.version ?? 0, expected: record.version - 1)
        }
        ownership[application] = record
      }
      state.ownership = ownership
    }
  }

  package func removeOwnership(of application: String, epoch: Epoch) async throws(StoreError) {
    try withState { (state) throws(StoreError) in
      try state.check(epoch)
      state.ownership[BytewiseText(application)] = nil
    }
  }
}
