/// A place in a source file: line and column count from 1, the column in characters.
package struct SourcePosition: Sendable, Hashable, Comparable {
  package var line: Int
  package var column: Int
  /// Where it is another file than the one that is read: one that came with a stack that is Lua, and helps to declare it.
  package var file: String?

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package static let start = SourcePosition(line: 1, column: 1)

  package static func < (left: Self, right: Self) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}
