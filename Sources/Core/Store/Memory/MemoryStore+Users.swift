extension MemoryStore {
  package func user(named name: String) async throws(StoreError) -> UserRecord? {
    try withState { $0.users[BytewiseText(name)] }
  }

  package func users() async throws(StoreError) -> [UserRecord] {
    try withState { state in
      state.users.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  package func add(_ user: UserRecord) async throws(StoreError) {
    try withState { (state) throws(StoreError) in
      let name = BytewiseText(user.name)
      guard state.users[name] == nil else { throw .userExists(user.name) }
      state.users[name] = user
    }
  }

  package func replace(_ old: UserRecord, with new: UserRecord) async throws(StoreError) {
    let name = BytewiseText(old.name)
    precondition(name == BytewiseText(new.name), "a user's name is its key and cannot be replaced")
    try withState { (state) throws(StoreError) in
      guard state.users[name] == old else { throw .userChanged(old.name) }
      state.users[name] = new
    }
  }
}
