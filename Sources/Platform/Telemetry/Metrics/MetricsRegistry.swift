import Concurrency

/// The numbers that a program shows of itself, and their text for Prometheus.
///
/// Asking again for a name and labels gives the same series, so no caller needs to keep it; asking for a name as another kind, or with a
/// name or label that Prometheus does not take, is a mistake of the program and ends it.
package final class MetricsRegistry: Sendable {
  /// Label names and values. Values should be few: each combination is a series that stays.
  package typealias Labels = KeyValuePairs<String, String>

  private let families = Locked<[String: MetricFamily]>([:])

  package init() {}

  /// A sum that only grows. By convention its name ends in `_total`.
  package func counter(_ name: String, _ help: String, _ labels: Labels = [:]) -> Counter {
    series(name, help, .counter, labels) { Counter() }
  }

  /// A value that goes up and down.
  package func gauge(_ name: String, _ help: String, _ labels: Labels = [:]) -> Gauge {
    series(name, help, .gauge, labels) { Gauge() }
  }

  /// A value that is asked for when the metrics are read. The first function given for a series stays.
  package func gauge(
    _ name: String, _ help: String, _ labels: Labels = [:], reading: @escaping @Sendable () -> Double
  ) {
    _ = series(name, help, .gauge, labels) { ObservedGauge(reading: reading) }
  }

  /// Counts of values up to each bound, with their sum.
  /// - Parameter buckets: upper bounds, rising; the one without a bound is added. Those of the first caller stay.
  package func histogram(
    _ name: String, _ help: String, _ labels: Labels = [:], buckets: [Double] = Histogram.secondsBuckets
  ) -> Histogram {
    series(name, help, .histogram, labels) { Histogram(buckets: buckets) }
  }

  private func series<Series: MetricSeries>(
    _ name: String, _ help: String, _ kind: MetricFamily.Kind, _ labels: Labels, _ make: () -> Series
  ) -> Series {
    let labels = labels.map { MetricLabel(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name }
    precondition(MetricFamily.isName(name), "\(name) is not a name of a metric")
    precondition(labels.allSatisfy { MetricFamily.isLabelName($0.name) }, "a label of \(name) has a wrong name")
    return families.withLock { families in
      var family = families[name] ?? MetricFamily(name: name, help: help, kind: kind)
      precondition(family.kind == kind, "\(name) is a \(family.kind) and cannot be a \(kind)")
      guard let existing = family.series[labels] else {
        let series = make()
        family.series[labels] = series
        families[name] = family
        return series
      }
      guard let series = existing as? Series else { preconditionFailure("\(name) was made in another way") }
      return series
    }
  }

  /// The media type of `prometheusText`.
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// All series in Prometheus' text format 0.0.4, by name and labels.
  package func prometheusText() -> String {
    let families = families.withLock { Array($0.values) }
    return families.sorted { $0.name < $1.name }.map(\.text).joined()
  }
}
