extension MemoryStore {
  package func beginEpoch() async throws(StoreError) -> Epoch {
    try withState { state in
      state.epoch.number += 1
      return state.epoch
    }
  }

  package func setting(_ name: String) async throws(StoreError) -> String? {
    try withState { $0.settings[BytewiseText(name)] }
  }

  package func setSetting(_ name: String, to value: String) async throws(StoreError) {
    try withState { $0.settings[BytewiseText(name)] = value }
  }
}
