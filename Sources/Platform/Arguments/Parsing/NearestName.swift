/// Finds what was meant by a name with a typing error.
package enum NearestName {
  /// `, did you mean 'status'?`, or nothing when no name is near.
  static func hint(for name: String, among names: [String], prefix: String = "") -> String {
    find(name, among: names).map { ", did you mean '\(prefix)\($0)'?" } ?? ""
  }

  /// The name with the fewest changes: a third of its letters at most, at least one. A name that starts with what was typed is near too.
  package static func find(_ name: String, among names: [String]) -> String? {
    let typed = Array(name.lowercased().utf8)
    let best = names.map { ($0, distance(typed, Array($0.lowercased().utf8))) }.min { $0.1 < $1.1 }
    if let best, best.1 <= max(1, max(typed.count, best.0.utf8.count) / 3) { return best.0 }
    return name.count > 1 ? names.first { $0.hasPrefix(name) } : nil
  }

  /// Letters to insert, remove, replace, or swap with their neighbour (optimal string alignment).
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var rows = [Array(0...right.count)]
    for i in left.indices {
      var row = [i + 1]
      for j in right.indices {
        let replaced = rows[i][j] + (left[i] == right[j] ? 0 : 1)
        var cost = min(replaced, rows[i][j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
        row.append(cost)
      }
      rows.append(row)
    }
    return rows[left.count][right.count]
  }
}
