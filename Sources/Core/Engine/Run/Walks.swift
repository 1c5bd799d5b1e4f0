import Concurrency

/// The walks of a run by their place, with note of what has changed, however many there are: which of them, so that a copy
/// catches up with those alone; how many are open; and when the first of those that came to rest has to be woken.
struct Walks: Sendable {
  private var elements: [ApplicationWalk] = []
  /// How many are neither done nor skipped.
  private(set) var open = 0
  /// The earliest instant until which one rests that was changed since `takeEarliestRest`.
  private var earliestRest: Timestamp?
  /// Places that have changed since `takeChanges`, each once; a place beyond the copy's end is a new walk.
  private var changed: [Int] = []
  private var isChanged: [Bool] = []

  mutating func append(_ walk: ApplicationWalk) {
    changed.append(elements.count)
    isChanged.append(true)
    elements.append(walk)
    if walk.isOpen { open += 1 }
  }

  mutating func takeEarliestRest() -> Timestamp? {
    defer { earliestRest = nil }
    return earliestRest
  }

  /// The places that have changed since the last call, in no order.
  mutating func takeChanges() -> [Int] {
    for place in changed { isChanged[place] = false }
    defer { changed.removeAll(keepingCapacity: true) }
    return changed
  }

  /// Takes over what has changed of the others.
  mutating func catchUp(with others: Walks, at places: [Int]) {
    _ = takeChanges()
    open = others.open
    for place in places where place < elements.count { elements[place] = others.elements[place] }
    for walk in others.elements.dropFirst(elements.count) {
      elements.append(walk)
      isChanged.append(false)
    }
  }
}

extension Walks: RandomAccessCollection, MutableCollection {
  var startIndex: Int { 0 }
  var endIndex: Int { elements.count }

  subscript(place: Int) -> ApplicationWalk {
    get { elements[place] }
    _modify {
      if !isChanged[place] {
        isChanged[place] = true
        changed.append(place)
      }
      let wasOpen = elements[place].isOpen
      yield &elements[place]
      open += (elements[place].isOpen ? 1 : 0) - (wasOpen ? 1 : 0)
      if case .resting(let until) = elements[place].activity { earliestRest = Swift.min(earliestRest ?? until, until) }
    }
  }
}
