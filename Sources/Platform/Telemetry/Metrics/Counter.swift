import Concurrency

/// A sum that only grows.
package final class Counter: MetricSeries {
  private let sum = Locked(0.0)

  package var value: Double { sum.withLock { $0 } }

  /// - Parameter amount: not negative.
  package func increment(by amount: Double = 1) {
    precondition(amount >= 0, "a counter only grows")
    sum.withLock { $0 += amount }
  }

  func samples() -> [MetricSample] { [MetricSample(value: value)] }
}
