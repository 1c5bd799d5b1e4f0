enum RunLines {
  static func independent(_ bench: Bench) async throws -> [Measurement] {
    try await MeasuredServer.with(bench, folder: bench.dataFolder("runs")) { server in
      var measurements: [Measurement] = []
      _ = try await run(server, "warm", applications: 10)
      for count in [1, 10, 100, 1_000, 10_000] {
        let bare = try await BareRequests.times(bench, applications: count)
        var times: [Double] = []
        var used: [Double] = []
        for sample in 0..<bench.samples {
          let before = server.usage.processorSeconds
          times.append(try await run(server, "s\(count)-\(sample)", applications: count) / .seconds(1))
          used.append((server.usage.processorSeconds - before) / Double(count) * 1_000)
        }
        let limit: Measurement.Limit? = count == 1_000 ? .atMost(0.5) : count == 10_000 ? .atMost(5) : nil
        measurements.append(
          Measurement(
            "runs", "\(count) applications", "s", times, limit,
            anchor: .init(name: BareRequests.anchorName, value: bare.seconds.median)))
        if count >= 1_000 {
          measurements.append(
            Measurement(
              "runs", "\(count) applications: CPU time of the server for each", "ms", used,
              anchor: .init(name: BareRequests.anchorName, value: bare.processorSeconds.median / Double(count) * 1_000))
          )
        }
      }
      // It gives memory back a second after a large run.
      try await Task.sleep(for: .seconds(3))
      measurements.append(
        Measurement("runs", "resident memory after them", "MiB", [server.usage.residentMiB]))
      return measurements
    }
  }

  private static func run(_ server: MeasuredServer, _ name: String, applications: Int) async throws -> Duration {
    var source = "name: \(name)\napplications:\n"
    for number in 0..<applications { source += Self.application("\(name)-a\(number)") }
    try await server.add(source)
    return try await server.run(name)
  }

  static func application(_ id: String, _ more: String = "") -> String {
    "  \(id):\n    type: service\n    id: \(id)\n    cpu: 0.1\n    mem: 32\n    launch_command: sleep 1000\n\(more)"
  }

  static func chain(_ bench: Bench) async throws -> [Measurement] {
    try await MeasuredServer.with(bench, folder: bench.dataFolder("chain")) { server in
      // At the same time, as each takes 15 s of waiting alone.
      let times = try await withThrowingTaskGroup(of: Double.self) { group in
        for sample in 0..<bench.samples {
          group.addTask {
            var source = "name: chain\(sample)\napplications:\n"
            for number in 0..<50 {
              var more = "    env: { HEALTHY_AFTER_MS: \"300\" }\n"
              if number > 0 { more += "    dependencies: [chain\(sample)-\(number - 1)]\n" }
              source += Self.application("chain\(sample)-\(number)", more)
            }
            try await server.add(source)
            return try await server.run("chain\(sample)") / .seconds(1)
          }
        }
        var times: [Double] = []
        for try await time in group { times.append(time) }
        return times
      }
      return [
        Measurement(
          "chain", "50 applications in a chain", "s", times, .atMost(16.5),
          anchor: .init(name: "the waiting alone", value: 15))
      ]
    }
  }
}
