/// Part of a list, and where the next part starts.
package struct Page<Element: Sendable>: Sendable {
  package var elements: [Element]
  /// Opaque; `nil` at the end.
  package var next: PageToken?

  package init(elements: [Element], next: PageToken? = nil) {
    self.elements = elements
    self.next = next
  }
}

/// Where a list goes on. Opaque to everyone but the store that gave it out.
package struct PageToken: Sendable, Hashable, Codable {
  package var text: String

  package init(text: String) {
    self.text = text
  }
}
