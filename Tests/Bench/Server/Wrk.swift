import Glibc
import Processes

/// Load by `wrk`.
struct Wrk {
  struct Result {
    var requestsPerSecond: Double
    var requests: Double
    var failures: Int
  }

  let bench: Bench

  /// - Parameters:
  ///   - body: sent with POST where it is given.
  func load(
    _ url: String, fields: [(String, String)] = [], body: String? = nil, connections: Int = 32, seconds: Int
  ) async throws -> Result {
    let output = "\(bench.folder)/wrk.out"
    var arguments = ["-t1", "-c\(connections)", "-d\(seconds)s"]
    for (name, value) in fields { arguments += ["-H", "\(name): \(value)"] }
    if let body {
      let script = "\(bench.folder)/wrk.lua"
      try Files.write("wrk.method = 'POST'\nwrk.body = [[\(body)]]\n", to: script)
      arguments += ["-s", script]
    }
    let process: RunningProcess
    do {
      process = try bench.spawn(
        ProcessSpecification(executable: "wrk", arguments: arguments + [url], output: .file(output, append: false)))
    } catch {
      throw BenchError("wrk cannot be started (scripts/setup bench installs it): \(error)")
    }
    let status = await process.exitStatus()
    let text = Files.text(of: output) ?? ""
    let lines = text.split(separator: "\n")
    guard
      let rate = lines.first(where: { $0.hasPrefix("Requests/sec:") })?.split(separator: " ").last
        .flatMap({ Double($0) })
    else { throw BenchError("wrk ended with \(status): \(text)") }
    let requests = lines.first { $0.contains(" requests in ") }?.split(separator: " ").first.flatMap { Double($0) } ?? 0
    let refused = lines.first { $0.contains("Non-2xx") }?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    return Result(requestsPerSecond: rate, requests: requests, failures: refused)
  }

  /// What several loads came to: requests per second, and the microseconds of the server's CPU time for each request,
  /// which depend less on what else the machine does.
  struct Rates {
    var perSecond: [Double] = []
    var microseconds: [Double] = []
  }

  /// - Throws: `BenchError` if an answer was no success.
  func rates(
    _ url: String, of process: Int32, fields: [(String, String)] = [], body: String? = nil, connections: Int = 32
  ) async throws -> Rates {
    let usage = ProcessUsage(pid: process)
    _ = try await load(url, fields: fields, body: body, connections: connections, seconds: 1)
    var rates = Rates()
    for _ in 0..<bench.samples {
      let before = usage.processorSeconds
      let result = try await load(url, fields: fields, body: body, connections: connections, seconds: 2)
      guard result.failures == 0 else { throw BenchError("\(url): \(result.failures) answers were no success") }
      rates.perSecond.append(result.requestsPerSecond)
      rates.microseconds.append((usage.processorSeconds - before) / max(1, result.requests) * 1e6)
    }
    return rates
  }
}
