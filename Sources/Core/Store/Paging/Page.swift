/// Part of a list, and where the next part starts.
package struct Page<Element: Sendable>: Sendable {
  package var elements: [Element]
  /// Opaque; `nil` at the end.
  package var next: PageToken?

  package init(elements: [Element], next: PageToken? = nil) {
    self.elements = elements
    self.next = next
  }

  /// A page of what was found by asking for one element more than `limit`, which tells whether there is a next page.
  package init(_ found: [Element], limit: Int, token: (Element) -> PageToken) {
    elements = Array(found.prefix(limit))
    next = found.count > limit ? elements.last.map(token) : nil
  }
}

/// Where a list goes on. Opaque to everyone but the store that gave it out.
package struct PageToken: Sendable, Hashable, Codable {
  package var text: String

  package init(text: String) {
    self.text = text
  }
}
