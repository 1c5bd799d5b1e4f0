/// A server's turn at the store. A later server's epoch is higher, and the store refuses writes with a lower one.
package struct Epoch: Sendable, Hashable, Comparable {
  package var number: Int64

  package init(_ number: Int64) {
    self.number = number
  }

  package static func < (a: Epoch, b: Epoch) -> Bool { a.number < b.number }
}

package protocol EpochStore: Sendable {
  /// Begins a new epoch, one above the last. From then on writes with an earlier one throw `.staleEpoch`.
  func beginEpoch() async throws(StoreError) -> Epoch

  /// Text kept beside the records, such as the id of the cluster that runs refer to; `nil` if never set.
  func setting(_ name: String) async throws(StoreError) -> String?
  func setSetting(_ name: String, to value: String) async throws(StoreError)
}
