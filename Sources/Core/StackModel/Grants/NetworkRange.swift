/// All addresses that begin with the same bits: `10.0.0.0/8`.
package struct NetworkRange: Sendable, Hashable {
  package let base: NetworkAddress
  /// How many bits count.
  package let length: Int

  /// Nil where there are no so many bits, or where bits behind them are set.
  package init?(_ base: NetworkAddress, length: Int? = nil) {
    let length = length ?? base.bytes.count * 8
    guard (0...base.bytes.count * 8).contains(length) else { return nil }
    self.base = base
    self.length = length
    guard base.bytes.indices.allSatisfy({ base.bytes[$0] & ~mask($0) == 0 }) else { return nil }
  }

  /// The bits of a byte that count.
  private func mask(_ index: Int) -> UInt8 {
    switch length - index * 8 {
    case 8...: 0xFF
    case 1...7: ~(0xFF >> UInt8(length - index * 8))
    default: 0
    }
  }

  package func contains(_ address: NetworkAddress) -> Bool {
    guard address.bytes.count == base.bytes.count else { return false }
    return base.bytes.indices.allSatisfy { address.bytes[$0] & mask($0) == base.bytes[$0] }
  }

  package func contains(_ range: NetworkRange) -> Bool {
    range.length >= length && contains(range.base)
  }
}
