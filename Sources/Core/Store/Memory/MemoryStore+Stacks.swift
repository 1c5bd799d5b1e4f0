package import Concurrency
import StackModel

extension MemoryStore {
  package func stack(named name: String, revision: Int?) async throws(StoreError) -> StackRecord? {
    try withState { state in
      guard let revisions = state.stacks[BytewiseText(name)] else { return nil }
      guard let revision else { return revisions.last }
      return revisions.first { $0.revision == revision }
    }
  }

  package func stacks(after token: PageToken?, limit: Int) async throws(StoreError) -> Page<StackRecord> {
    try PageLimit.check(limit)
    let after = try token?.textKey(of: "stacks")
    return try withState { state in
      var start = 0
      if let name = after.map(BytewiseText.init) {
        start = state.stackNames.lowerBound(of: name)
        if start < state.stackNames.count, state.stackNames[start] == name { start += 1 }
      }
      let names = state.stackNames[start...].prefix(limit)
      let next = names.endIndex < state.stackNames.endIndex ? names.last : nil
      return Page(
        elements: names.compactMap { state.stacks[$0]?.last },
        next: next.map { PageToken(list: "stacks", key: $0.text.utf8) })
    }
  }

  package func stackNames() async throws(StoreError) -> [String] {
    try withState { $0.stackNames.map(\.text) }
  }

  package func add(
    _ record: StackRecord, contents: [FileContent], submission: Submission?
  ) async throws(StoreError) -> RevisionCreation {
    let contents = record.contentsByHash(contents)
    return try withState { (state) throws(StoreError) in
      let name = BytewiseText(record.name)
      let since = record.addedAt - Submission.lifetime
      let place = submission.map { MemoryState.StackSubmissionPlace($0.key, of: $0.user, for: record.name) }
      if let place, let before = state.stackSubmissions[place], before.at >= since {
        return .submittedBefore(revision: before.revision, digest: before.digest)
      }
      let latest = state.stacks[name]?.last?.revision ?? 0
      guard record.revision == latest + 1 else {
        throw record.revision == 1 ? .stackExists(record.name) : .stackChanged(record, latest: latest)
      }
      if latest == 0 { state.stackNames.insert(name, at: state.stackNames.lowerBound(of: name)) }
      state.stacks[name, default: []].append(record)
      state.retain(record.files, contents)
      if let place, let submission {
        state.stackSubmissions = state.stackSubmissions.filter { $0.value.at >= since }
        state.stackSubmissions[place] = (record.revision, submission.digest, record.addedAt)
      }
      return .created
    }
  }

  package func submittedRevision(
    of stack: String, key: String, user: String, since: Timestamp
  ) async throws(StoreError) -> (revision: Int, digest: String)? {
    try withState { state in
      let found = state.stackSubmissions[MemoryState.StackSubmissionPlace(key, of: user, for: stack)]
      return found.flatMap { $0.at >= since ? ($0.revision, $0.digest) : nil }
    }
  }

  package func children(of name: String) async throws(StoreError) -> [String] {
    let parent = BytewiseText(name)
    return try withState { state in
      state.stackNames.filter { state.stacks[$0]?.last.map { BytewiseText($0.stack.from) } == parent }.map(\.text)
    }
  }

  package func removeStack(named name: String, ifLatest revision: Int?) async throws(StoreError) {
    try withState { (state) throws(StoreError) in
      let name = BytewiseText(name)
      if let revision, let latest = state.stacks[name]?.last?.revision, latest != revision {
        throw .stackChanged(name.text, latest: latest, expected: revision)
      }
      guard let revisions = state.stacks.removeValue(forKey: name) else { throw .stackNotFound(name.text) }
      for file in revisions.lazy.flatMap(\.files) { state.release(file.content) }
      state.stackSubmissions = state.stackSubmissions.filter { $0.key.stack != name }
      state.documents[name] = nil
      state.stackNames.remove(at: state.stackNames.lowerBound(of: name))
    }
  }
}
