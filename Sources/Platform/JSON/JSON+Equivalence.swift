extension JSON {
  /// Whether both mean the same: the order of members does not count, and neither does the way a number is written.
  package func isEquivalent(to other: JSON) -> Bool {
    switch (self, other) {
    case (.array(let left), .array(let right)):
      return left.count == right.count && zip(left, right).allSatisfy { $0.isEquivalent(to: $1) }
    case (.object(let left), .object(let right)):
      return left.count == right.count
        && left.allSatisfy { key, value in right[key].map(value.isEquivalent) ?? false }
    case (.integer(let integer), .number(let number)), (.number(let number), .integer(let integer)):
      return Int64(exactly: number) == integer
    default:
      return self == other
    }
  }

  /// The same value with all objects' members sorted by the bytes of their names, at every depth.
  package var canonical: JSON {
    switch self {
    case .array(let elements):
      return .array(elements.map(\.canonical))
    case .object(let object):
      let members = object.map { (key: $0.key, value: $0.value.canonical) }
      return .object(JSONObject(members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }))
    default:
      return self
    }
  }
}
