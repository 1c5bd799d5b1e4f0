import Concurrency

/// A value that goes up and down.
package final class Gauge: MetricSeries {
  private let current = Locked(0.0)

  package var value: Double { current.withLock { $0 } }

  package func set(_ value: Double) { current.withLock { $0 = value } }

  package func add(_ amount: Double) { current.withLock { $0 += amount } }

  func samples() -> [MetricSample] { [MetricSample(value: value)] }
}

/// A value that is asked for when it is read.
final class ObservedGauge: MetricSeries {
  private let reading: @Sendable () -> Double

  init(reading: @escaping @Sendable () -> Double) { self.reading = reading }

  func samples() -> [MetricSample] { [MetricSample(value: reading())] }
}
