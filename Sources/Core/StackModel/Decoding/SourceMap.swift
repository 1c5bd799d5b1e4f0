/// Where the parts of a decoded stack stand in its source.
///
/// A tree, so that a place costs no more than its own name, however long the names above it are.
package struct SourceMap: Sendable {
  private struct Place: Sendable {
    var value: SourcePosition?
    var key: SourcePosition?
    var children: [StackPath.Component: Int] = [:]
  }

  private var places = [Place()]

  package init() {}

  /// The root, at which `child` begins.
  static let root = 0

  /// The place below another one, which is made where it is not there yet.
  mutating func child(_ component: StackPath.Component, of parent: Int) -> Int {
    if let known = places[parent].children[component] { return known }
    places.append(Place())
    places[parent].children[component] = places.count - 1
    return places.count - 1
  }

  mutating func record(_ place: Int, value: SourcePosition, key: SourcePosition? = nil) {
    places[place].value = value
    if let key { places[place].key = key }
  }

  /// Where the value stands, or what it is a part of where it does not stand in the source at all.
  package func position(of path: StackPath) -> SourcePosition {
    var position = places[Self.root].value ?? .start
    _ = find(path) { position = $0.value ?? position }
    return position
  }

  /// Where the key of the value stands; the value itself where it has none.
  package func keyPosition(of path: StackPath) -> SourcePosition {
    find(path)?.key ?? position(of: path)
  }

  /// Shows the places on the way to a path; the last one if the way leads there.
  private func find(_ path: StackPath, passing: (Place) -> Void = { _ in }) -> Place? {
    var place = places[Self.root]
    for component in path.components {
      guard let next = place.children[component] else { return nil }
      place = places[next]
      passing(place)
    }
    return place
  }
}
