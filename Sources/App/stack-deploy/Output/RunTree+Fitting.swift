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
  /// What a script has called for goes before applications of the run, and never stands without its own.
  static func select(_ rows: [Row], lines: Int) -> Selection {
    guard rows.count > lines else { return Selection(shown: Array(rows.indices), hidden: []) }
    let ranks = ranks(of: rows)
    let byUse = rows.indices.sorted { left, right in
      let (first, second) = (rows[left], rows[right])
      if ranks[left] != ranks[right] { return ranks[left] < ranks[right] }
      if first.indentation != second.indentation { return first.indentation < second.indentation }
      if ranks[left] == finished, let one = first.endedAt, let other = second.endedAt, one != other {
        return one > other
      }
      return left < right
    }
    let shown = byUse.prefix(max(0, lines - 1))
    var counts: [String: Int] = [:]
    for index in byUse.dropFirst(shown.count) { counts[rows[index].state, default: 0] += 1 }
    return Selection(
      shown: shown.sorted(),
      hidden: counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { (state: $0.key, count: $0.value) })
  }

  /// A row is worth as much as what is most worth beneath it, and nothing beneath one that is finished more than that.
  private static func ranks(of rows: [Row]) -> [Int] {
    var ranks = rows.map { rank(of: $0.state) }
    for (place, row) in rows.enumerated() {
      guard let parent = row.parent else { continue }
      if ranks[parent] == finished {
        ranks[place] = finished
      } else {
        ranks[parent] = min(ranks[parent], ranks[place])
      }
    }
    return ranks
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
