extension MemoryStore {
  package func contents(
    _ hashes: [ContentHash], of referrer: ContentReferrer
  ) async throws(StoreError) -> [ContentHash: [UInt8]] {
    try withState { state in
      let referred =
        switch referrer {
        case .stack(let name): state.contents(ofStack: name)
        case .run(let id): state.pins[id] ?? []
        }
      return state.contents.filter { referred.contains($0.key) && hashes.contains($0.key) }.mapValues(\.bytes)
    }
  }
}

/// A content and how many refer to it: each file of each revision, and each run that has pinned it.
struct KeptContent: Sendable {
  var bytes: [UInt8]
  var referrers = 0
}

extension MemoryState {
  /// Those of all its revisions.
  func contents(ofStack name: String) -> Set<ContentHash> {
    Set((stacks[BytewiseText(name)] ?? []).lazy.flatMap(\.files).map(\.content))
  }

  func check(_ pins: [ContentPin]) throws(StoreError) {
    for (stack, pins) in Dictionary(grouping: pins, by: { BytewiseText($0.stack) }) {
      let stored = contents(ofStack: stack.text)
      if let gone = pins.first(where: { !stored.contains($0.content) }) { throw .contentGone(gone) }
    }
  }

  /// Keeps the contents of a revision that has just been added.
  mutating func retain(_ files: [StackFile], _ contents: [ContentHash: [UInt8]]) {
    for (hash, bytes) in contents where self.contents[hash] == nil { self.contents[hash] = KeptContent(bytes: bytes) }
    for file in files { retain(file.content) }
  }

  /// Keeps what is stored already.
  mutating func retain(_ content: ContentHash) {
    contents[content]?.referrers += 1
  }

  mutating func release(_ content: ContentHash) {
    contents[content]?.referrers -= 1
    if contents[content]?.referrers == 0 { contents[content] = nil }
  }
}
