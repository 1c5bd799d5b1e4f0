import Glibc
import Processes

/// libmicrohttpd in a process of its own, with nothing around it: `Tests/BareServer`.
struct BareServer {
  let port: Int
  let process: RunningProcess

  /// Runs `body` beside a server that answers with so many bytes, and ends that.
  static func with<Result>(
    _ bench: Bench, size: Int, _ body: (BareServer) async throws -> Result
  ) async throws -> Result {
    let output = "\(bench.folder)/bare.out"
    try Files.write("", to: output)
    let process = try bench.spawn(
      ProcessSpecification(
        executable: try HelperLocation.find("bare-server"), arguments: ["\(size)"], output: .file(output, append: false)
      ))
    defer { process.signal(SIGKILL) }
    while true {
      usleep(2_000)
      if let status = process.currentExitStatus { throw BenchError("the bare server ended: \(status)") }
      if let text = Files.text(of: output), text.hasSuffix("\n"), let port = Int(text.dropLast()) {
        return try await body(BareServer(port: port, process: process))
      }
    }
  }
}
