import Glibc
import Processes

enum StartLines {
  static func start(_ bench: Bench) async throws -> [Measurement] {
    // A first start makes the database; the others find it.
    var first = StartTimes()
    for _ in 0..<bench.samples { first += try await times(bench, folder: bench.dataFolder("start"), count: 1) }
    let starts = try await times(bench, folder: "\(bench.folder)/start", count: bench.samples)
    let empty = try await times(of: "/bin/true", [], count: bench.samples)
    let version = try await times(of: bench.server, ["--version"], count: bench.samples)
    let anchor = Measurement.Anchor(name: "a process that does nothing", value: empty.median)
    return [
      Measurement("start", "start to /health", "ms", starts.healthy, .atMost(40), anchor: anchor),
      Measurement("start", "start to the first list of runs, with a key", "ms", starts.ready, anchor: anchor),
      Measurement("start", "first start, which makes the database, to /health", "ms", first.healthy, anchor: anchor),
      Measurement("start", "first start, to the first list of runs, with a key", "ms", first.ready, anchor: anchor),
      Measurement("start", "stack-deploy --version", "ms", version, anchor: anchor),
    ]
  }

  /// Milliseconds from the start of the process.
  struct StartTimes {
    /// To the first answer of `/health`.
    var healthy: [Double] = []
    /// To the first list of runs: users and runs are there.
    var ready: [Double] = []

    static func += (times: inout StartTimes, more: StartTimes) {
      times.healthy += more.healthy
      times.ready += more.ready
    }
  }

  /// One server after another on the same folder.
  static func times(_ bench: Bench, folder: String, count: Int) async throws -> StartTimes {
    try await MeasuredServer.withMarathon(bench) { marathon in
      var times = StartTimes()
      for _ in 0..<count {
        let server = try await MeasuredServer.start(bench, folder: folder, marathonPort: marathon)
        times.healthy.append(server.startTime / .milliseconds(1))
        times.ready.append(server.readyTime / .milliseconds(1))
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
    try await WaitingProcess.with(bench) { waiting in
      try await MeasuredServer.with(bench, folder: bench.dataFolder("idle")) { server in
        try await Task.sleep(for: .seconds(2))
        var resident: [Double] = []
        var shares: [Double] = []
        var bareShares: [Double] = []
        for _ in 0..<bench.samples {
          let before = (server.usage.processorSeconds, waiting.processorSeconds)
          let begin = ContinuousClock.now
          try await Task.sleep(for: .seconds(3))
          let seconds = (ContinuousClock.now - begin) / .seconds(1)
          shares.append((server.usage.processorSeconds - before.0) / seconds * 100)
          bareShares.append((waiting.processorSeconds - before.1) / seconds * 100)
          resident.append(server.usage.residentMiB)
        }
        let name = WaitingProcess.anchorName
        return [
          Measurement(
            "idle", "resident memory", "MiB", resident, .atMost(20),
            anchor: .init(name: name, value: waiting.residentMiB)),
          Measurement("idle", "CPU", "%", shares, .atMost(0.1), anchor: .init(name: name, value: bareShares.median)),
        ]
      }
    }
  }
}
