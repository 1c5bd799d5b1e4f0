import Glibc
import Processes

/// What the system itself takes to send a few bytes to another process and back: `cat` on a socket pair.
enum EchoProcess {
  /// Microseconds, the mean of five thousand.
  static func roundTrip(_ bench: Bench) async throws -> Double {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw BenchError("no socket pair: error \(errno)")
    }
    let echo = try bench.spawn(
      ProcessSpecification(
        executable: "cat", arguments: ["-u"], environment: ["PATH": "/usr/bin:/bin"], input: .descriptor(ends[1]),
        output: .descriptor(ends[1]), error: .null))
    close(ends[1])
    let count = 5000
    // As large as a call without arguments.
    var bytes = [UInt8](repeating: 120, count: 48)
    try exchange(&bytes, ends[0])
    let begin = ContinuousClock.now
    for _ in 0..<count { try exchange(&bytes, ends[0]) }
    let time = ContinuousClock.now - begin
    close(ends[0])
    _ = await echo.exitStatus()
    return time / .microseconds(1) / Double(count)
  }

  private static func exchange(_ bytes: inout [UInt8], _ socket: Int32) throws {
    guard write(socket, bytes, bytes.count) == bytes.count, read(socket, &bytes, bytes.count) == bytes.count else {
      throw BenchError("cat has not answered: error \(errno)")
    }
  }
}
