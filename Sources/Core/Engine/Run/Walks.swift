/// The walks of a run by their place, with note of which have changed: a copy catches up with those alone, however many
/// there are.
struct Walks: Sendable {
  private var elements: [ApplicationWalk] = []
  /// Places that have changed since `takeChanges`, each once; a place beyond the copy's end is a new walk.
  private var changed: [Int] = []
  private var isChanged: [Bool] = []

  mutating func append(_ walk: ApplicationWalk) {
    changed.append(elements.count)
    isChanged.append(true)
    elements.append(walk)
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
      yield &elements[place]
    }
  }
}
