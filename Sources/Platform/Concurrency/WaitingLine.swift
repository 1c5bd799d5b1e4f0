/// Suspended tasks in the order of their arrival, any of which can leave early. Not locked: its owner does that.
struct WaitingLine {
  typealias Continuation = CheckedContinuation<Void, any Error>

  private var waiting: [UInt64: Continuation] = [:]
  private var first: UInt64 = 0
  private var next: UInt64 = 0

  var count: Int { waiting.count }

  /// A place's number, taken before the task suspends so that its cancellation can name it.
  mutating func reserve() -> UInt64 {
    defer { next += 1 }
    return next
  }

  mutating func enter(_ place: UInt64, _ continuation: Continuation) {
    waiting[place] = continuation
    // Places are reserved in one critical section and entered in another, so a later one may have been served.
    first = min(first, place)
  }

  mutating func leave(_ place: UInt64) -> Continuation? {
    waiting.removeValue(forKey: place)
  }

  mutating func takeFirst() -> Continuation? {
    guard !waiting.isEmpty else {
      first = next
      return nil
    }
    while first < next {
      defer { first += 1 }
      if let continuation = waiting.removeValue(forKey: first) { return continuation }
    }
    return nil
  }

  mutating func takeAll() -> [Continuation] {
    let all = waiting.sorted { $0.key < $1.key }.map(\.value)
    waiting.removeAll()
    first = next
    return all
  }
}
