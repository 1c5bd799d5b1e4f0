import Concurrency

/// A store that ends with the process: `server --dev`, and tests.
package final class MemoryStore: Sendable {
  private let state = Locked<MemoryState?>(MemoryState())

  package init() {}

  func withState<Result>(
    _ body: (inout MemoryState) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try state.withLock { (state: inout MemoryState?) throws(StoreError) -> Result in
      guard var open = state else { throw .closed(summary) }
      // Taken out, so that its arrays are changed in place instead of being copied.
      state = nil
      defer { state = open }
      return try body(&open)
    }
  }
}

extension MemoryStore: Store {
  package var summary: String { "memory (nothing is kept)" }

  package func close() async {
    state.withLock { $0 = nil }
  }
}

/// All that a memory store holds. Its methods are in the extensions beside this file, one for each protocol.
struct MemoryState: Sendable {
  /// Revisions from 1 on, by name.
  var stacks: [BytewiseText: [StackRecord]] = [:]
  /// The keys of `stacks`, sorted.
  var stackNames: [BytewiseText] = []
  var stackSubmissions: [StackSubmissionPlace: (revision: Int, digest: String, at: Timestamp)] = [:]
  var contents: [ContentHash: KeptContent] = [:]
  /// What runs have pinned, each content once.
  var pins: [RunID: Set<ContentHash>] = [:]
  var users: [BytewiseText: UserRecord] = [:]
  var runs: [RunID: RunRecord] = [:]
  /// The keys of `runs`, rising.
  var runIDs: [RunID] = []
  var lastRun: Int64 = 0
  var submissions: [SubmissionPlace: (run: RunID, digest: String, at: Timestamp)] = [:]
  var journals: [RunID: [JournalRecord]] = [:]
  var documents: [BytewiseText: StackDocuments] = [:]
  /// By application.
  var ownership: [BytewiseText: OwnershipRecord] = [:]
  var epoch = Epoch(0)
  var settings: [BytewiseText: String] = [:]

  struct SubmissionPlace: Sendable, Hashable {
    let user: BytewiseText
    let key: BytewiseText

    init(_ key: String, of user: String) {
      self.key = BytewiseText(key)
      self.user = BytewiseText(user)
    }
  }

  struct StackSubmissionPlace: Sendable, Hashable {
    let stack: BytewiseText
    let place: SubmissionPlace

    init(_ key: String, of user: String, for stack: String) {
      self.stack = BytewiseText(stack)
      place = SubmissionPlace(key, of: user)
    }
  }

  func check(_ epoch: Epoch) throws(StoreError) {
    guard epoch >= self.epoch else { throw .staleEpoch(epoch, current: self.epoch) }
  }
}

extension Array where Element: Comparable {
  /// The first place in this sorted array whose element is not below `element`.
  func lowerBound(of element: Element) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = low + (high - low) / 2
      if self[middle] < element { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
