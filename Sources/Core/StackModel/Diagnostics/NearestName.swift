/// Finds the known name that a misspelt one was probably meant to be.
package enum NearestName {
  /// The name among `known` with the smallest edit distance to `name`, or nil when none is near: more than a third
  /// of the longer word would have to change (a single letter may always). The first of several equally near wins.
  /// Upper and lower case count as equal, so that `CPU` finds `cpu`. What is longer than any name of ours is near to none.
  package static func to(_ name: String, among known: some Sequence<String>) -> String? {
    guard name.utf8.count <= longest else { return nil }
    let letters = Array(name.lowercased())
    var best: (name: String, distance: Int)?
    for candidate in known where candidate != name && candidate.utf8.count <= longest {
      let candidateLetters = Array(candidate.lowercased())
      let longer = max(letters.count, candidateLetters.count)
      let limit = max(1, longer / 3)
      // Words whose lengths differ by more cannot be near; this also keeps long inputs cheap.
      guard longer > 1, abs(letters.count - candidateLetters.count) <= limit else { continue }
      let found = distance(letters, candidateLetters)
      if found <= limit, found < best?.distance ?? .max { best = (candidate, found) }
    }
    return best?.name
  }

  /// In bytes.
  private static let longest = 128

  /// How many letters must be inserted, removed, replaced or swapped with their neighbour to turn one word into the
  /// other (Damerau–Levenshtein, no part edited twice).
  static func distance(_ first: [Character], _ second: [Character]) -> Int {
    if first.isEmpty { return second.count }
    if second.isEmpty { return first.count }
    var beforePrevious: [Int] = []
    var previous = Array(0...second.count)
    for row in 1...first.count {
      var current = [row]
      current.reserveCapacity(second.count + 1)
      for column in 1...second.count {
        let replaced = previous[column - 1] + (first[row - 1] == second[column - 1] ? 0 : 1)
        var cost = min(previous[column] + 1, current[column - 1] + 1, replaced)
        if row > 1, column > 1, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
          cost = min(cost, beforePrevious[column - 2] + 1)
        }
        current.append(cost)
      }
      beforePrevious = previous
      previous = current
    }
    return previous[second.count]
  }
}
