import Glibc
import Processes

/// Where two processes talk, the system chooses whether they share a processor, and an exchange takes 6 µs or 30 for that alone. With all
/// of them on one, their own work shows.
enum OneProcessor {
  /// Keeps this program, and what it starts meanwhile, on one processor.
  static func during<Result>(_ bench: Bench, _ body: () async throws -> Result) async throws -> Result {
    let line = Files.text(of: "/proc/self/status")?.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
    guard let allowed = line?.split(whereSeparator: \.isWhitespace).last.map(String.init),
      let first = allowed.split(whereSeparator: { !$0.isNumber }).first
    else { throw BenchError("nobody tells which processors may be used") }
    try await choose(String(first), bench)
    let outcome: Swift.Result<Result, any Error>
    do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
    try await choose(allowed, bench)
    return try outcome.get()
  }

  /// For all threads that there are; new ones have it from those that start them.
  private static func choose(_ processors: String, _ bench: Bench) async throws {
    let taskset = try bench.spawn(
      ProcessSpecification(
        executable: "taskset", arguments: ["-a", "-p", "-c", processors, "\(getpid())"],
        environment: ["PATH": "/usr/bin:/bin"], input: .null, output: .null, error: .null))
    guard await taskset.exitStatus() == .exited(0) else { throw BenchError("taskset cannot choose a processor") }
  }
}
