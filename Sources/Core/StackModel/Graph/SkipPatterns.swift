/// Which applications a run leaves out (`--skip`): patterns found anywhere in an application's id. A skipped application
/// counts as running, but sets no variables.
package struct SkipPatterns: Sendable, Hashable {
  package let patterns: [Pattern]

  package init(_ patterns: [String]) throws(PatternError) {
    var compiled: [Pattern] = []
    for pattern in patterns { compiled.append(try Pattern(pattern)) }
    self.patterns = compiled
  }

  package func skips(_ id: String) -> Bool {
    patterns.contains { $0.matches(id) }
  }

  /// The patterns that match none of the ids; worth a warning.
  package func unused(for ids: [String]) -> [String] {
    patterns.filter { pattern in !ids.contains { pattern.matches($0) } }.map(\.text)
  }
}
