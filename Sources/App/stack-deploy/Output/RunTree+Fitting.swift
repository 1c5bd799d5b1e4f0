import StackAPI

extension RunTree {
  /// What is shown of a tree that is taller than the screen.
  struct Selection: Equatable {
    /// In the order of the stack.
    var shown: [Int]
    /// How many of each state are not, those first that are the most.
    var hidden: [(state: String, count: Int)]

    static func == (left: Selection, right: Selection) -> Bool {
      left.shown == right.shown && left.hidden.elementsEqual(right.hidden, by: ==)
    }

    /// `12 more: 10 done, 2 pending`
    var sentence: String {
      let states = hidden.map { "\($0.count) \($0.state)" }.joined(separator: ", ")
      return "… \(hidden.reduce(0) { $0 + $1.count }) more: \(states)"
    }
  }

  /// Chooses what to show on so many lines, one of which says how many are hidden. Finished ones go first, the earliest
  /// before the others; then those that wait for others, from the end; at last those that are worked on or need somebody.
  static func select(_ applications: [APIApplicationStatus], lines: Int) -> Selection {
    guard applications.count > lines else { return Selection(shown: Array(applications.indices), hidden: []) }
    let byUse = applications.indices.sorted { left, right in
      let (first, second) = (applications[left], applications[right])
      let (a, b) = (rank(of: first.state), rank(of: second.state))
      if a != b { return a < b }
      if a == finished, let one = first.endedAt, let other = second.endedAt, one != other { return one > other }
      return left < right
    }
    let shown = byUse.prefix(max(0, lines - 1))
    var counts: [String: Int] = [:]
    for index in byUse.dropFirst(shown.count) { counts[applications[index].state, default: 0] += 1 }
    return Selection(
      shown: shown.sorted(),
      hidden: counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { (state: $0.key, count: $0.value) })
  }

  private static let finished = 3

  private static func rank(of state: String) -> Int {
    switch state {
    case "failed", "blocked": 0
    case "running": 1
    case "done", "skipped", "stopped": finished
    default: 2
    }
  }

  /// The beginning of an explanation, which says what failed, and as much as fits of its end, which is the log's.
  static func shorten(_ explanation: [String], to lines: Int) -> [String] {
    guard explanation.count > lines, let first = explanation.first else { return explanation }
    return lines > 0 ? [first] + explanation.suffix(lines - 1) : []
  }
}
