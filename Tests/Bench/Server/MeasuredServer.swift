import Concurrency
import Glibc
import HTTPClient
import HTTPTypes
import Processes
import StackAPI
import StackClient

/// A server with its own data folder against the instant Marathon, and the processes of both.
final class MeasuredServer: Sendable {
  let port: Int
  let marathonPort: Int
  let process: RunningProcess
  /// From the start of its process to the first answer of `/health`.
  let startTime: Duration
  /// From there to the first list of runs: `/health` answers before the server has made its first user and taken up what a
  /// former one left.
  let readyTime: Duration
  let key: String
  let http: HTTPClient

  private init(
    port: Int, marathonPort: Int, process: RunningProcess, startTime: Duration, readyTime: Duration, key: String
  ) {
    self.port = port
    self.marathonPort = marathonPort
    self.process = process
    self.startTime = startTime
    self.readyTime = readyTime
    self.key = key
    http = HTTPClient()
  }

  var usage: ProcessUsage { ProcessUsage(pid: process.pid) }
  var address: String { "http://127.0.0.1:\(port)" }
  var client: StackClient { StackClient(address: address, user: "admin", key: key, http: http) }

  /// Runs `body` against a Marathon and a server on the folder, and ends both.
  static func with<Result>(
    _ bench: Bench, folder: String, _ body: (MeasuredServer) async throws -> Result
  ) async throws -> Result {
    try await withMarathon(bench) { marathonPort in
      let server = try await start(bench, folder: folder, marathonPort: marathonPort)
      do {
        let result = try await body(server)
        await server.stop()
        return result
      } catch {
        await server.stop()
        throw error
      }
    }
  }

  static func withMarathon<Result>(_ bench: Bench, _ body: (Int) async throws -> Result) async throws -> Result {
    let port = try LoopbackSocket.freePort()
    let marathon = try bench.spawn(
      ProcessSpecification(executable: "/proc/self/exe", arguments: ["marathon", String(port)]))
    defer { marathon.signal(SIGKILL) }
    while !LoopbackSocket.answers(port: port, path: "/v2/info") {
      if let status = marathon.currentExitStatus { throw BenchError("the instant Marathon ended: \(status)") }
      usleep(2_000)
    }
    let result = try await body(port)
    marathon.signal(SIGKILL)
    _ = await marathon.exitStatus()
    return result
  }

  static func start(_ bench: Bench, folder: String, marathonPort: Int) async throws -> MeasuredServer {
    let port = try LoopbackSocket.freePort()
    let keyFile = "\(folder).key"
    let begin = ContinuousClock.now
    let process = try bench.spawn(
      ProcessSpecification(
        executable: bench.server,
        arguments: [
          "server", "--api", "127.0.0.1:\(port)", "--data-dir", folder, "--admin-key-file", keyFile, "--marathon",
          "http://127.0.0.1:\(marathonPort)", "--log.level", "warning",
        ], output: .null, error: .file("\(folder).log", append: true)))
    do {
      // Asked in short pauses, as nothing tells when it listens; each question costs it some microseconds.
      while !LoopbackSocket.answers(port: port, path: "/health") {
        if let status = process.currentExitStatus { throw BenchError("the server ended: \(status)") }
        usleep(500)
      }
      let startTime = ContinuousClock.now - begin
      let key = try waitUntilServing(keyFile: keyFile, port: port)
      return MeasuredServer(
        port: port, marathonPort: marathonPort, process: process, startTime: startTime,
        readyTime: ContinuousClock.now - begin, key: key)
    } catch {
      process.signal(SIGKILL)
      throw BenchError("\(error)\n\(Files.text(of: "\(folder).log") ?? "")")
    }
  }

  /// The administrator's key, once a list of runs is given out for it.
  private static func waitUntilServing(keyFile: String, port: Int) throws -> String {
    for _ in 0..<20_000 {
      // A first start writes it while this reads.
      let key = Files.text(of: keyFile)?.split(separator: "\n").first.map(String.init) ?? ""
      let fields = [("X-Api-User", "admin"), ("X-Api-Key", key)]
      switch LoopbackSocket.status(port: port, path: "/api/v1/runs", fields: fields) {
      case 200: return key
      case 401, 503: usleep(500)
      case let status: throw BenchError("/api/v1/runs answers \(status.map(String.init) ?? "nothing")")
      }
    }
    throw BenchError("the server does not serve")
  }

  func stop() async {
    process.signal(SIGTERM)
    _ = await process.exitStatus()
    http.shutdown()
  }

  // MARK: Runs

  func add(_ source: String) async throws {
    _ = try await client.add(APIStackAddition(source: source))
  }

  /// Starts a run and follows its events to the last one; the time from the request to that event.
  func run(_ stack: String) async throws -> Duration {
    let begin = ContinuousClock.now
    let run = try await client.start(APIRunRequest(stack: stack))
    try await follow(run)
    let time = ContinuousClock.now - begin
    try check(try await client.run(run))
    return time
  }

  /// Looks now and then, without following the run's events.
  func waitForEnd(of run: Int64) async throws {
    while true {
      let status = try await client.run(run)
      if status.run.endedAt != nil { return try check(status) }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  private func check(_ status: APIRunStatus) throws {
    guard status.run.state == "succeeded" else {
      throw BenchError(
        "run \(status.run.id) of \(status.run.stack) has not succeeded: \(status.run.state) \(status.run.error ?? "")")
    }
  }

  func get(_ path: String) async throws {
    var request = HTTPClientRequest(url: address + path)
    request.fields["X-Api-User"] = "admin"
    request.fields["X-Api-Key"] = key
    let response = try await http.send(request)
    guard response.status == 200 else { throw BenchError("\(path) answers \(response.status)") }
    for try await _ in response.body {}
  }

  /// Reads the events without looking at them: the stream ends with the run.
  private func follow(_ run: Int64) async throws {
    var request = HTTPClientRequest(url: "\(address)/api/v1/runs/\(run)/events")
    request.timeout = nil
    request.fields["Accept"] = "text/event-stream"
    request.fields["X-Api-User"] = "admin"
    request.fields["X-Api-Key"] = key
    let response = try await http.send(request)
    guard response.status == 200 else { throw BenchError("the events of run \(run) answer \(response.status)") }
    for try await _ in response.body {}
  }
}
