/// The parameters of a URI's query in their order, as `application/x-www-form-urlencoded` writes them.
package struct QueryItems: Sendable {
  private var items: [Item] = []

  private struct Item: Sendable, Hashable {
    var name: String
    var value: String
  }

  package init() {}

  package init(_ items: some Sequence<(String, String)>) {
    for (name, value) in items { append(name, value) }
  }

  /// Reads what stands behind the `?` of a target, or the body of a form. A name without `=` has the value "". A pair
  /// with a broken escape is left out, as Go's `net/url` does.
  package init(parsing text: some StringProtocol) {
    // By Unicode scalars: a separator counts also before a combining mark, with which it would be one `Character`.
    for pair in String(text).unicodeScalars.split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard
        let name = PercentCoding.decode(String(sides[0]), plusIsSpace: true),
        let value = PercentCoding.decode(sides.count > 1 ? String(sides[1]) : "", plusIsSpace: true)
      else { continue }
      append(name, value)
    }
  }

  /// The first value with this name.
  package subscript(name: String) -> String? { items.first { $0.name == name }?.value }

  package func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

  package mutating func append(_ name: String, _ value: String) { items.append(Item(name: name, value: value)) }

  /// The items as a query, without `?`.
  package var text: String {
    items.map { "\(PercentCoding.encode($0.name))=\(PercentCoding.encode($0.value))" }.joined(separator: "&")
  }
}

extension QueryItems: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { items.count }
  package subscript(position: Int) -> (name: String, value: String) { (items[position].name, items[position].value) }
}

extension QueryItems: ExpressibleByDictionaryLiteral, Hashable {
  package init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }
}
