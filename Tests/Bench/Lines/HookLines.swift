import CSQLite
import Glibc
import HTTPClient
import Processes
import StackAPI
import StackClient

/// Scripts inside of runs: every call of theirs is journaled.
enum HookLines {
  // MARK: Hooks

  static func hooks(_ bench: Bench) async throws -> [Measurement] {
    let count = 1_000
    return try await MeasuredServer.with(bench, folder: bench.dataFolder("hooks")) { server in
      _ = try await run(server, "warm", hooks: 10)
      var times: [Double] = []
      var used: [Double] = []
      var bare: [Double] = []
      for sample in 0..<bench.samples {
        bare.append(try await BareLua.thousand())
        let before = server.usage.processorSeconds
        times.append(try await run(server, "hooks-\(sample)", hooks: count) / .seconds(1))
        used.append((server.usage.processorSeconds - before) / Double(count) * 1_000)
      }
      return [
        Measurement(
          "hooks", "\(count) applications with a Lua hook each", "s", times, .atMost(6),
          anchor: .init(name: BareLua.anchorName, value: bare.median)),
        Measurement("hooks", "CPU time of the server for each, without the worker's", "ms", used),
      ]
    }
  }

  private static func run(_ server: MeasuredServer, _ name: String, hooks: Int) async throws -> Duration {
    var source = "name: \(name)\napplications:\n"
    for number in 0..<hooks {
      source += RunLines.application(
        "\(name)-a\(number)", "    after_scheduler:\n      - lua: vars.set(\"seen.\" .. ctx.app.id, ctx.hook)\n")
    }
    try await server.add(source)
    return try await server.run(name)
  }

  // MARK: Documents

  private static let writers = 100
  /// So many that the starting of the runs, which other lines measure, takes a few hundredths of the time.
  private static let puts = 1_500

  static func documents(_ bench: Bench) async throws -> [Measurement] {
    let sync = Machine.syncTimes(in: bench.folder).median / 1_000
    let bare = try BareSQLite.rates(bench, .documents, perCommit: 100)
    var rates: [Double] = []
    for _ in 0..<bench.samples { rates.append(try await documentRate(bench)) }
    return [
      Measurement(
        "documents", "cassandra.put by \(writers) runs at once, all found after a SIGKILL", "/s", rates,
        .atLeast(min(12_000, 64 / (2 * sync))),
        anchor: .init(name: "bare SQLite, 100 documents and their entries in a commit", value: bare.median))
    ]
  }

  /// Puts per second, from the first request to the end of the last run. Nobody follows the runs: what their events cost is another line's.
  private static func documentRate(_ bench: Bench) async throws -> Double {
    let folder = bench.dataFolder("documents")
    return try await MeasuredServer.withMarathon(bench) { port in
      let server = try await MeasuredServer.start(bench, folder: folder, marathonPort: port)
      let hook = "    before_scheduler:\n      - lua: for i = 1, \(puts) do cassandra.put(\"key/\" .. i, i) end\n"
      for number in 0..<writers {
        try await server.add("name: put-\(number)\napplications:\n" + RunLines.application("put-\(number)", hook))
      }
      let begin = ContinuousClock.now
      let runs = try await withThrowingTaskGroup(of: Int64.self) { group in
        for number in 0..<writers {
          group.addTask { try await server.client.start(APIRunRequest(stack: "put-\(number)")) }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      for run in runs { try await server.waitForEnd(of: run) }
      let time = ContinuousClock.now - begin
      server.process.signal(SIGKILL)
      _ = await server.process.exitStatus()
      server.http.shutdown()
      let found = try documents(in: "\(folder)/stack-deploy.db")
      guard found == writers * puts else { throw BenchError("\(found) of \(writers * puts) documents are there") }
      return Double(found) / (time / .seconds(1))
    }
  }

  private static func documents(in path: String) throws -> Int {
    var database: OpaquePointer?
    var statement: OpaquePointer?
    defer {
      sqlite3_finalize(statement)
      sqlite3_close(database)
    }
    guard sqlite3_open(path, &database) == SQLITE_OK,
      sqlite3_prepare_v2(database, "SELECT count(*) FROM documents", -1, &statement, nil) == SQLITE_OK,
      sqlite3_step(statement) == SQLITE_ROW
    else { throw BenchError("SQLite: \(String(cString: sqlite3_errmsg(database)))") }
    return Int(sqlite3_column_int64(statement, 0))
  }

  // MARK: Approvals

  static func approvals(_ bench: Bench) async throws -> [Measurement] {
    let count = 1_000
    return try await MeasuredServer.with(bench, folder: bench.dataFolder("approvals")) { server in
      let hook = "    before_scheduler:\n      - lua: approval(\"go\")\n"
      for number in 0..<count {
        try await server.add("name: ask-\(number)\napplications:\n" + RunLines.application("ask-\(number)", hook))
      }
      // Who has started them goes: 256 connections that are kept open are no part of what waits.
      let http = HTTPClient()
      let client = StackClient(address: server.address, user: "admin", key: server.key, http: http)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<count {
          group.addTask { _ = try await client.start(APIRunRequest(stack: "ask-\(number)")) }
        }
        try await group.waitForAll()
      }
      http.shutdown()
      try await waitUntilAllWait(server, runs: count)
      // It gives memory back a second after much of it was freed.
      try await Task.sleep(for: .seconds(3))
      let workers = ProcessUsage.children(named: "script-worker", of: server.process.pid)
      return [
        Measurement(
          "approvals", "resident memory with \(count) runs that wait for an approval", "MiB",
          [server.usage.residentMiB], .atMost(60)),
        Measurement("approvals", "their workers alive", "", [Double(workers.count)], .atMost(0)),
      ]
    }
  }

  private static func waitUntilAllWait(_ server: MeasuredServer, runs: Int) async throws {
    var waiting = 0
    for run in 1...Int64(runs) {
      for _ in 0..<1_000 {
        let status = try await server.client.run(run)
        if status.applications.contains(where: { $0.waiting?.cause == "approval" }) {
          waiting += 1
          break
        }
        try await Task.sleep(for: .milliseconds(20))
      }
    }
    guard waiting == runs else { throw BenchError("only \(waiting) of \(runs) runs wait for their approval") }
  }
}
