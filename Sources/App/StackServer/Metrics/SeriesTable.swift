import Concurrency
import Telemetry

/// A count and its times, by what they are of: found without making labels anew.
final class SeriesTable<Key: Hashable & Sendable>: Sendable {
  typealias Series = (counter: Counter, histogram: Histogram)

  /// Clients make up methods; those of a flood of different ones are made anew each time.
  private let limit = 1_000
  private let table = Locked<[Key: Series]>([:])

  func series(_ key: Key, make: () -> Series) -> Series {
    if let known = table.withLock({ $0[key] }) { return known }
    let series = make()
    table.withLock { table in
      if table.count < limit { table[key] = series }
    }
    return series
  }
}
