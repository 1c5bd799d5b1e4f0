import Glibc
import Processes

enum StartLines {
  static func start(_ bench: Bench) async throws -> [Measurement] {
    let folder = bench.dataFolder("start")
    // The first start makes the database; those that count find it.
    let starts = try await times(bench, folder: folder, count: bench.samples + 1)
    let empty = try await times(of: "/bin/true", [], count: bench.samples)
    let version = try await times(of: bench.server, ["--version"], count: bench.samples)
    let anchor = Measurement.Anchor(name: "a process that does nothing", value: empty.median)
    return [
      Measurement("start", "start to /health", "ms", Array(starts.dropFirst()), .atMost(40), anchor: anchor),
      Measurement("start", "first start, which makes the database", "ms", [starts[0]]),
      Measurement("start", "stack-deploy --version", "ms", version, anchor: anchor),
    ]
  }

  /// Milliseconds to `/health`, one server after another on the same folder.
  static func times(_ bench: Bench, folder: String, count: Int) async throws -> [Double] {
    try await MeasuredServer.withMarathon(bench) { marathon in
      var times: [Double] = []
      for _ in 0..<count {
        let server = try await MeasuredServer.start(bench, folder: folder, marathonPort: marathon)
        times.append(server.startTime / .milliseconds(1))
        await server.stop()
      }
      return times
    }
  }

  /// Milliseconds that a process takes which does nothing: the median of so many.
  static func nothing(count: Int) async throws -> Double { try await times(of: "/bin/true", [], count: count).median }

  private static func times(of program: String, _ arguments: [String], count: Int) async throws -> [Double] {
    var times: [Double] = []
    for _ in 0..<count {
      let begin = ContinuousClock.now
      let process = try ProcessReactor.shared.spawn(
        ProcessSpecification(executable: program, arguments: arguments, output: .null, error: .null))
      _ = await process.exitStatus()
      times.append((ContinuousClock.now - begin) / .milliseconds(1))
    }
    return times
  }

  static func idle(_ bench: Bench) async throws -> [Measurement] {
    try await MeasuredServer.with(bench, folder: bench.dataFolder("idle")) { server in
      try await Task.sleep(for: .seconds(2))
      let resident = server.usage.residentMiB
      var shares: [Double] = []
      for _ in 0..<bench.samples {
        let before = server.usage.processorSeconds
        let begin = ContinuousClock.now
        try await Task.sleep(for: .seconds(3))
        shares.append((server.usage.processorSeconds - before) / ((ContinuousClock.now - begin) / .seconds(1)) * 100)
      }
      return [
        Measurement("idle", "resident memory", "MiB", [resident], .atMost(20)),
        Measurement("idle", "CPU", "%", shares, .atMost(0.1)),
      ]
    }
  }
}
