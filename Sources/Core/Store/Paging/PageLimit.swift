/// The bounds of how much may be asked for at once, the same in every store.
package enum PageLimit {
  /// Elements of one page of stacks, runs or users.
  package static let largestPage = 1_000

  /// - Throws: `.invalidLimit` unless a page may have that many elements.
  package static func check(_ limit: Int) throws(StoreError) {
    guard (1...largestPage).contains(limit) else {
      throw StoreError(.invalidLimit, "A page has from 1 to \(largestPage) elements, not \(limit)")
    }
  }

  /// - Throws: `.invalidLimit` unless so many lines of a journal may be asked for.
  package static func checkJournal(_ limit: Int) throws(StoreError) {
    guard limit >= 1 else {
      throw StoreError(.invalidLimit, "At least 1 line of a journal must be asked for, not \(limit)")
    }
  }
}
