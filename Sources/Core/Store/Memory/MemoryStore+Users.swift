extension MemoryStore {
  package func user(named name: String) async throws(StoreError) -> UserRecord? {
    try withState { $0.users[BytewiseText(name)] }
  }

  package func users(after token: PageToken?, limit: Int) async throws(StoreError) -> Page<UserRecord> {
    try PageLimit.check(limit)
    let after = try token.map { token throws(StoreError) in BytewiseText(try token.textKey(of: "users")) }
    return try withState { state in
      let rest = state.users.filter { user in after.map { $0 < user.key } ?? true }
      // One more than asked for tells whether there is a next page.
      let found = rest.sorted { $0.key < $1.key }.prefix(limit + 1).map(\.value)
      return Page(found, limit: limit) { PageToken(list: "users", key: $0.name.utf8) }
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
