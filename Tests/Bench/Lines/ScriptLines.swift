import Concurrency
import Glibc
import JSON
import Processes
import ScriptHost

/// What a script costs before it does anything: its process, and a call to its host.
enum ScriptLines {
  static func measure(_ bench: Bench) async throws -> [Measurement] {
    let folder = bench.server.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let host = ScriptHost(try WorkerProgram.open(path: "\(folder)/script-worker"))
    var starts: [Double] = []
    var anchors: [Double] = []
    var trips: [Double] = []
    var performed: [Double] = []
    var bare: [Double] = []
    var thousands: [Double] = []
    var bareThousands: [Double] = []
    var memories: [Double] = []
    var tripsOnOne: [Double] = []
    var bareOnOne: [Double] = []
    for _ in 0..<bench.samples {
      starts.append(try await start(host))
      anchors.append(try await StartLines.nothing(count: 20))
      trips.append(try await roundTrip(host, isComputed: true))
      performed.append(try await roundTrip(host, isComputed: false))
      bare.append(try await EchoProcess.roundTrip(bench))
      memories.append(try await memory(host))
      thousands.append(try await thousand(host))
      bareThousands.append(try await BareLua.thousand())
      try await OneProcessor.during(bench) {
        tripsOnOne.append(try await roundTrip(host, isComputed: true))
        bareOnOne.append(try await EchoProcess.roundTrip(bench))
      }
    }
    let echo = Measurement.Anchor(name: "cat over a socket pair", value: bare.median)
    return [
      Measurement(
        "scripts", "start of a script to its first call", "ms", starts, .atMost(4),
        anchor: Measurement.Anchor(name: "a process that does nothing", value: anchors.median)),
      Measurement(
        "scripts", "a call that is not journaled, and back", "µs", trips, .atMost(2.5 * bare.median), anchor: echo),
      Measurement(
        "scripts", "a call that is not journaled, and back, on one processor", "µs", tripsOnOne,
        .atMost(2.5 * bareOnOne.median),
        anchor: Measurement.Anchor(name: "cat over a socket pair, on one processor", value: bareOnOne.median)),
      Measurement("scripts", "a call that a task answers, and back", "µs", performed, anchor: echo),
      Measurement("scripts", "private memory of a worker that waits", "MiB", memories, .atMost(2)),
      Measurement(
        "scripts", "1,000 scripts, 64 at once", "s", thousands,
        anchor: Measurement.Anchor(name: BareLua.anchorName, value: bareThousands.median)),
    ]
  }

  private static func invocation(_ source: String, isComputed: Bool = false) -> ScriptInvocation {
    ScriptInvocation(
      name: "bench.lua", source: Array(source.utf8), seed: (1, 2),
      functions: [
        HostFunction(
          "host.nothing", recording: isComputed ? .pure { _, _ in .result(.null) } : .answer, doc: "Does nothing.")
      ])
  }

  /// Milliseconds, the median of twenty.
  private static func start(_ host: ScriptHost) async throws -> Double {
    var times: [Double] = []
    for _ in 0..<20 {
      let begin = ContinuousClock.now
      let called = Locked(begin)
      _ = try await host.run(
        invocation("host.nothing()"),
        call: { _ in
          called.withLock { $0 = .now }
          return .result(.null)
        })
      times.append((called.withLock { $0 } - begin) / .milliseconds(1))
    }
    return times.median
  }

  /// Microseconds, the mean of five thousand.
  private static func roundTrip(_ host: ScriptHost, isComputed: Bool) async throws -> Double {
    let count = 5000
    let calls = CountedCalls(isAtOnce: isComputed)
    let source = "for _ = 0, \(count) do host.nothing() end"
    _ = try await host.run(invocation(source, isComputed: isComputed), calls: calls)
    guard let (first, last) = calls.times else { throw BenchError("a script has made no call") }
    return (last - first) / .microseconds(1) / Double(count)
  }

  /// Answers with nothing, and notes when it was called first and last.
  private struct CountedCalls: HostCalls {
    let isAtOnce: Bool
    private let noted = Locked<(first: ContinuousClock.Instant, last: ContinuousClock.Instant)?>(nil)

    var times: (first: ContinuousClock.Instant, last: ContinuousClock.Instant)? { noted.withLock { $0 } }

    init(isAtOnce: Bool) { self.isAtOnce = isAtOnce }

    func answerAtOnce(_ call: HostCall) -> HostAnswer? { isAtOnce ? note() : nil }
    func answer(_ call: HostCall) async -> HostAnswer { note() }
    func begin(_ call: HostCall) async {}
    func next() async -> BegunAnswer? { nil }

    private func note() -> HostAnswer {
      let now = ContinuousClock.now
      noted.withLock { $0 = ($0?.first ?? now, now) }
      return .result(.null)
    }
  }

  private static func memory(_ host: ScriptHost) async throws -> Double {
    let found = Locked(0.0)
    _ = try await host.run(
      invocation("host.nothing()"),
      call: { _ in
        let workers = ProcessUsage.children(named: "script-worker")
        found.withLock { $0 = workers.map { ProcessUsage(pid: $0).privateMiB }.max() ?? 0 }
        return .result(.null)
      })
    let memory = found.withLock { $0 }
    guard memory > 0 else { throw BenchError("no worker was found") }
    return memory
  }

  private static func thousand(_ host: ScriptHost) async throws -> Double {
    let begin = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<1000 {
        group.addTask {
          _ = try await host.run(invocation("host.nothing()"), call: { _ in .result(.null) })
        }
      }
      try await group.waitForAll()
    }
    return (ContinuousClock.now - begin) / .seconds(1)
  }
}
