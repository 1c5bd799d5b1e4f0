import Concurrency

/// Counts of values up to each bound, with their sum.
package final class Histogram: MetricSeries {
  /// Bounds for durations in seconds, from requests to deployments.
  package static let secondsBuckets = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

  private struct State {
    var counts: [Int]
    var sum = 0.0
  }

  private let bounds: [Double]
  private let state: Locked<State>

  init(buckets: [Double]) {
    precondition(zip(buckets, buckets.dropFirst()).allSatisfy { $0 < $1 }, "the bounds of buckets must rise")
    bounds = buckets.filter(\.isFinite)
    state = Locked(State(counts: [Int](repeating: 0, count: bounds.count + 1)))
  }

  package func observe(_ value: Double) {
    let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock { state in
      state.counts[bucket] += 1
      state.sum += value
    }
  }

  /// In seconds.
  package func observe(_ duration: Duration) { observe(duration.inSeconds) }

  func samples() -> [MetricSample] {
    let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
    var total = 0
    var samples: [MetricSample] = []
    for (count, bound) in zip(counts, bounds + [.infinity]) {
      total += count
      let label = MetricLabel(name: "le", value: MetricFamily.text(bound))
      samples.append(MetricSample(suffix: "_bucket", label: label, value: Double(total)))
    }
    samples.append(MetricSample(suffix: "_sum", value: sum))
    samples.append(MetricSample(suffix: "_count", value: Double(total)))
    return samples
  }
}
