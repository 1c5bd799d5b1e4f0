import StackClient
import StoreSQLite

/// What a server with a past takes, in four folders of its own.
enum GrowthLines {
  private static let entriesOfEachRun = 100

  static func measure(_ bench: Bench) async throws -> [Measurement] {
    let bare = try await BareRequests.times(bench, applications: 1).seconds.median * 1_000
    func figures(
      _ what: String, stack: String = "pattern", start: Measurement.Limit? = nil, memory: Measurement.Limit? = nil,
      filled fill: (SQLiteStore) async throws -> Void
    ) async throws -> [Measurement] {
      let growth = Growth(bench: bench, what: what, stack: stack, bareRun: bare)
      return try await growth.figures(startLimit: start, memoryLimit: memory, fill)
    }
    let stack = "stack-77777"
    return try await figures("100,000 stacks", stack: stack, start: .atMost(150), memory: .atMost(60)) {
      try await GrownStore.addStacks($0)
    }
      + figures("10,000 finished runs") { try await GrownStore.addRuns($0) }
      + figures("10,000 finished runs with 1,000,000 entries") {
        try await GrownStore.addRuns($0, entriesOfEach: entriesOfEachRun)
      }
      + figures("all of that", stack: stack) {
        try await GrownStore.addStacks($0)
        try await GrownStore.addRuns($0, entriesOfEach: entriesOfEachRun)
      }
  }
}

/// One store and what is measured with it.
private struct Growth {
  let bench: Bench
  let what: String
  /// Which is shown.
  let stack: String
  /// Milliseconds that a run's requests to Marathon take by themselves.
  let bareRun: Double

  func figures(
    startLimit: Measurement.Limit?, memoryLimit: Measurement.Limit?, _ fill: (SQLiteStore) async throws -> Void
  ) async throws -> [Measurement] {
    let folder = bench.dataFolder("growth")
    // One run as the server writes it is the pattern of the others.
    try await MeasuredServer.with(bench, folder: folder) { server in
      try await server.add("name: pattern\napplications:\n" + RunLines.application("pattern"))
      _ = try await server.run("pattern")
    }
    let begin = ContinuousClock.now
    try await GrownStore.with(folder, fill)
    Bench.say("\(what): filled in \(((ContinuousClock.now - begin) / .seconds(1)).short) s")
    let starts = try await starts(folder, startLimit)
    let questions = try questions(folder)
    let answers = try await answers(folder, memoryLimit, beside: questions)
    Files.remove(folder)
    return starts + answers
  }

  private func measurement(
    _ name: String, _ unit: String, _ samples: [Double], _ limit: Measurement.Limit? = nil,
    anchor: Measurement.Anchor? = nil
  ) -> Measurement {
    Measurement("growth", "\(what): \(name)", unit, samples, limit, anchor: anchor)
  }

  private func starts(_ folder: String, _ limit: Measurement.Limit?) async throws -> [Measurement] {
    let times = try await StartLines.times(bench, folder: folder, count: bench.samples)
    let opened = try (0..<bench.samples).map { _ in
      let begin = ContinuousClock.now
      let bare = try BareSQLite(path: "\(folder)/stack-deploy.db")
      defer { bare.close() }
      _ = try bare.time(of: "SELECT * FROM runs WHERE id = 1")
      return (ContinuousClock.now - begin) / .milliseconds(1)
    }
    let anchor = Measurement.Anchor(name: "bare SQLite opens it and reads a row", value: opened.median)
    return [
      measurement("start to /health", "ms", times.healthy, limit, anchor: anchor),
      measurement("start to the first list of runs, with a key", "ms", times.ready, anchor: anchor),
    ]
  }

  private struct Questions {
    var show: Measurement.Anchor
    var names: Measurement.Anchor
    var runs: Measurement.Anchor
  }

  /// What the library takes to read the rows that the server's answers are made from.
  private func questions(_ folder: String) throws -> Questions {
    let bare = try BareSQLite(path: "\(folder)/stack-deploy.db")
    defer { bare.close() }
    func anchor(_ question: String) throws -> Measurement.Anchor {
      _ = try bare.time(of: question)
      let times = try (0..<bench.samples).map { _ in try bare.time(of: question) }
      return Measurement.Anchor(name: "bare SQLite, the same rows", value: times.median)
    }
    let revisions = "SELECT r.* FROM stacks s JOIN revisions r ON r.name = s.name AND r.revision = s.latest"
    return Questions(
      show: try anchor("\(revisions) WHERE s.name = '\(stack)'"),
      names: try anchor("\(revisions) ORDER BY s.name LIMIT 100"),
      runs: try anchor("SELECT * FROM runs ORDER BY id DESC LIMIT 100"))
  }

  private func answers(
    _ folder: String, _ memoryLimit: Measurement.Limit?, beside questions: Questions
  ) async throws -> [Measurement] {
    try await MeasuredServer.with(bench, folder: folder) { server in
      try await Task.sleep(for: .seconds(2))
      let resident = server.usage.residentMiB
      let client = server.client
      let show = try await latencies { _ = try await client.stack(stack) }
      let list = try await latencies { _ = try await client.runs(.init()) }
      let names = try await latencies { try await server.get("/api/v1/stacks?limit=100") }
      var runs: [Double] = []
      for sample in 0..<bench.samples {
        let name = "grown-\(sample)"
        try await server.add("name: \(name)\napplications:\n" + RunLines.application(name))
        runs.append(try await server.run(name) / .milliseconds(1))
      }
      return [
        measurement("resident memory", "MiB", [resident], memoryLimit),
        measurement("show a stack", "ms", show, anchor: questions.show),
        measurement("first page of stacks", "ms", names, anchor: questions.names),
        measurement("last 100 runs", "ms", list, anchor: questions.runs),
        measurement(
          "run of one application", "ms", runs, anchor: .init(name: BareRequests.anchorName, value: bareRun)),
      ]
    }
  }

  private func latencies(_ body: () async throws -> Void) async throws -> [Double] {
    try await body()
    var times: [Double] = []
    for _ in 0..<bench.samples {
      let begin = ContinuousClock.now
      try await body()
      times.append((ContinuousClock.now - begin) / .milliseconds(1))
    }
    return times
  }
}
