import Telemetry
import Testing

struct MetricsTests {
  private let registry = MetricsRegistry()

  @Test func countersAndGaugesByNameAndLabels() {
    registry.counter("requests_total", "All requests", ["route": "/list", "code": "200"]).increment()
    registry.counter("requests_total", "All requests", ["code": "200", "route": "/list"]).increment(by: 2)
    registry.counter("requests_total", "All requests", ["route": "/add", "code": "200"]).increment(by: 0.5)
    registry.gauge("connections", "Open now").set(7)
    registry.gauge("connections", "Open now").add(-2)
    registry.gauge("runs", "By function") { 3 }
    #expect(
      registry.prometheusText() == """
        # HELP connections Open now
        # TYPE connections gauge
        connections 5
        # HELP requests_total All requests
        # TYPE requests_total counter
        requests_total{code="200",route="/add"} 0.5
        requests_total{code="200",route="/list"} 3
        # HELP runs By function
        # TYPE runs gauge
        runs 3

        """)
  }

  @Test func textsAreEscaped() {
    registry.gauge("a", "back\\slash\nand \"quotes\"", ["l": "back\\slash\n\"quoted\""]).set(1)
    #expect(
      registry.prometheusText() == #"""
        # HELP a back\\slash\nand "quotes"
        # TYPE a gauge
        a{l="back\\slash\n\"quoted\""} 1

        """#)
  }

  @Test func histogramsCountUpToEachBound() {
    let histogram = registry.histogram("seconds", "Durations", ["op": "x"], buckets: [0.1, 1])
    for value in [0.1, 0.5, 0.75, 3] { histogram.observe(value) }
    histogram.observe(.milliseconds(650))
    #expect(
      registry.prometheusText() == """
        # HELP seconds Durations
        # TYPE seconds histogram
        seconds_bucket{op="x",le="0.1"} 1
        seconds_bucket{op="x",le="1"} 4
        seconds_bucket{op="x",le="+Inf"} 5
        seconds_sum{op="x"} 5
        seconds_count{op="x"} 5

        """)
  }

  @Test(arguments: [
    (Double.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1e300, "1e+300"), (0.1, "0.1"), (-3, "-3"),
  ])
  func valuesAsPrometheusReadsThem(value: Double, text: String) {
    registry.gauge("v", "").set(value)
    #expect(registry.prometheusText().hasSuffix("\nv \(text)\n"))
  }

  @Test func aSeriesIsTheSameForAllWhoAsk() async {
    await withTaskGroup { group in
      for _ in 0..<8 {
        group.addTask { [registry] in
          for _ in 0..<1000 { registry.counter("n_total", "", ["a": "b"]).increment() }
        }
      }
    }
    #expect(registry.counter("n_total", "", ["a": "b"]).value == 8000)
  }
}
