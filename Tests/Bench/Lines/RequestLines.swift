import Processes

enum RequestLines {
  static func measure(_ bench: Bench) async throws -> [Measurement] {
    let listAnchor = try await bare(bench, size: 13_780)
    let getAnchor = try await bare(bench, size: 160)
    return try await MeasuredServer.with(bench, folder: bench.dataFolder("requests")) { server in
      for number in 0..<1_000 {
        let name = "stack-\(number)"
        try await server.add("name: \(name)\napplications:\n" + RunLines.application(name))
      }
      let key = [("X-Api-User", "admin"), ("X-Api-Key", server.key)]
      var figures: [Measurement] = []
      func load(
        _ path: String, _ what: String, body: String? = nil, limit: Measurement.Limit? = nil, anchor: Wrk.Rates? = nil
      ) async throws {
        let rates = try await Wrk(bench: bench).rates(
          server.address + path, of: server.process.pid, fields: path == "/health" ? [] : key, body: body)
        let name = "bare libmicrohttpd, as many bytes"
        figures += [
          Measurement(
            "requests", "\(what), 32 connections", "req/s", rates.perSecond, limit,
            anchor: anchor.map { .init(name: name, value: $0.perSecond.median) }),
          Measurement(
            "requests", "\(what): CPU time of the server", "µs", rates.microseconds,
            anchor: anchor.map { .init(name: name, value: $0.microseconds.median) }),
        ]
      }
      try await load("/list", "/list of 1,000 stacks", limit: .atLeast(20_000), anchor: listAnchor)
      try await load("/get", "/get", body: #"{"name":"stack-500"}"#, limit: .atLeast(25_000), anchor: getAnchor)
      try await load("/health", "/health", anchor: getAnchor)
      try await load("/api/v1/runs", "/api/v1/runs (none)", anchor: getAnchor)
      figures.append(Measurement("requests", "resident memory after them", "MiB", [server.usage.residentMiB]))
      return figures
    }
  }

  private static func bare(_ bench: Bench, size: Int) async throws -> Wrk.Rates {
    try await BareServer.with(bench, size: size) { server in
      try await Wrk(bench: bench).rates("http://127.0.0.1:\(server.port)/", of: server.process.pid)
    }
  }
}
