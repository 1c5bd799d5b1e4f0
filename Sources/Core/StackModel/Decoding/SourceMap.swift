/// Where the parts of a decoded stack stand in its source.
package struct SourceMap: Sendable {
  private var values: [StackPath: SourcePosition] = [:]
  private var keys: [StackPath: SourcePosition] = [:]

  package init() {}

  mutating func record(_ path: StackPath, value: SourcePosition, key: SourcePosition? = nil) {
    values[path] = value
    if let key { keys[path] = key }
  }

  /// Where the value stands, or what it is a part of where it does not stand in the source at all.
  package func position(of path: StackPath) -> SourcePosition {
    nearest(path, in: values)
  }

  /// Where the key of the value stands; the value itself where it has none.
  package func keyPosition(of path: StackPath) -> SourcePosition {
    keys[path] ?? nearest(path, in: values)
  }

  private func nearest(_ path: StackPath, in positions: [StackPath: SourcePosition]) -> SourcePosition {
    var path = path
    while true {
      if let position = positions[path] { return position }
      guard let parent = path.parent else { return .start }
      path = parent
    }
  }
}
