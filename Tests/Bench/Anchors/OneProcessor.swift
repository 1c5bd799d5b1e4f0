import Glibc

/// Where two processes talk, the system chooses whether they share a processor, and an exchange takes 6 µs or 30 for that alone. With all
/// of them on one, their own work shows.
enum OneProcessor {
  /// Keeps this program, and what it starts meanwhile, on one processor.
  static func during<Result>(_ body: () async throws -> Result) async throws -> Result {
    let allowed = try affinity()
    guard let first = (0..<allowed.count * 8).first(where: { allowed[$0 / 8] & 1 << ($0 % 8) != 0 }) else {
      throw BenchError("no processor may be used")
    }
    var one = [UInt8](repeating: 0, count: allowed.count)
    one[first / 8] = 1 << (first % 8)
    try setAffinity(one)
    let outcome: Swift.Result<Result, any Error>
    do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
    try setAffinity(allowed)
    return try outcome.get()
  }

  private static func affinity() throws -> [UInt8] {
    var set = cpu_set_t()
    guard sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &set) == 0 else {
      throw BenchError("the processors that may be used are not known: error \(errno)")
    }
    return withUnsafeBytes(of: &set) { Array($0) }
  }

  /// Of all threads that there are; new ones have it from those that start them.
  private static func setAffinity(_ bits: [UInt8]) throws {
    var set = cpu_set_t()
    withUnsafeMutableBytes(of: &set) { $0.copyBytes(from: bits) }
    for thread in Files.names(in: "/proc/self/task").compactMap(pid_t.init) {
      // One that has ended meanwhile needs none.
      guard sched_setaffinity(thread, MemoryLayout<cpu_set_t>.size, &set) == 0 || errno == ESRCH else {
        throw BenchError("a processor cannot be chosen: error \(errno)")
      }
    }
  }
}
