import Concurrency
import Glibc
import HTTPClient
import HTTPTypes
import Processes

/// Makes the checks that the cluster asks for.
struct Prober: Sendable {
  let client: HTTPClient
  let sandboxes: Sandboxes
  let inherited: [String: String]

  func probe(_ probe: HealthProbe, launch: TaskLaunch?) async -> ProbeResult {
    switch probe.check.kind {
    case .http, .mesosHTTP: return await http(probe, scheme: "http")
    case .https, .mesosHTTPS: return await http(probe, scheme: "https")
    case .tcp, .mesosTCP: return await tcp(probe)
    case .command: return await command(probe, launch: launch)
    }
  }

  /// Alive is any status from 200 to 399.
  private func http(_ probe: HealthProbe, scheme: String) async -> ProbeResult {
    guard let port = probe.port else { return .failed("The health check has no port") }
    let path = probe.check.path ?? "/"
    let url = "\(scheme)://\(probe.host):\(port)\(path.hasPrefix("/") ? "" : "/")\(path)"
    do {
      let response = try await client.send(
        HTTPClientRequest(
          .get, url: url, fields: ["User-Agent": "marathon/1.6.590", "Accept": "*/*"],
          timeout: probe.check.timeout))
      // What the answer says does not matter, and it may be long.
      response.body.cancel()
      if (200..<400).contains(response.status) { return .alive }
      if (100..<200).contains(response.status), probe.check.ignoreHTTP1xx { return .ignored }
      let reason = HTTPStatus.reasonPhrase(response.status)
      return .failed("\(response.status) \(reason)")
    } catch {
      switch error.code {
      case .timeout, .connectTimeout:
        return .failed("Timeout: no answer from \(url) within \(Self.text(probe.check.timeout))")
      default: return .failed("\(error)")
      }
    }
  }

  private func tcp(_ probe: HealthProbe) async -> ProbeResult {
    guard let port = probe.port else { return .failed("The health check has no port") }
    let (host, timeout) = (probe.host, probe.check.timeout)
    return await withCheckedContinuation { continuation in
      startThread(named: "tcp-check") {
        continuation.resume(returning: TCPProbe.connect(host: host, port: port, timeout: timeout))
      }
    }
  }

  /// Alive is an exit with 0. The command gets what the task got, and is ended with all it started after the timeout.
  private func command(_ probe: HealthProbe, launch: TaskLaunch?) async -> ProbeResult {
    guard let launch, let sandbox = sandboxes.path(of: probe.taskId) else { return .ignored }
    let process: SupervisedTask
    do {
      process = try await SupervisedTask.start(
        SupervisedTask.Specification(
          executable: "/bin/sh", arguments: ["-c", probe.check.command ?? "false"],
          environment: TaskEnvironment.make(launch, sandbox: sandbox, inherited: inherited), workingDirectory: sandbox,
          killGrace: .zero))
    } catch {
      return .failed("Command cannot be started: \(error)")
    }
    let timeout = probe.check.timeout
    let status = await withTaskGroup(of: ExitStatus?.self) { group in
      group.addTask { await process.exitStatus() }
      group.addTask {
        try? await SystemTime().sleep(for: timeout)
        // Ends the process if it still runs, so that the other child returns too.
        process.terminate()
        return nil
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first
    }
    guard let status else { return .failed("Timeout: the command ran longer than \(Self.text(timeout))") }
    switch status {
    case .exited(0): return .alive
    case .exited(let code): return .failed("Command exited with status \(code)")
    case .signalled: return .failed(TaskEnd(status).message)
    }
  }

  static func text(_ duration: Duration) -> String {
    let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
  }
}

/// A connection that is made to see whether somebody listens.
enum TCPProbe {
  /// Blocks for at most `timeout`; for threads of their own.
  static func connect(host: String, port: Int, timeout: Duration) -> ProbeResult {
    guard var address = address(host: host, port: port) else { return .failed("'\(host)' is no address") }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return .failed("cannot make a socket: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if result == 0 { return .alive }
    guard errno == EINPROGRESS else { return refused(host, port, errno) }
    var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    let milliseconds = timeout.components.seconds * 1000 + timeout.components.attoseconds / 1_000_000_000_000_000
    guard poll(&polled, 1, Int32(clamping: milliseconds)) > 0 else {
      return .failed("Timeout: \(host):\(port) did not take the connection within \(Prober.text(timeout))")
    }
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
    return code == 0 ? .alive : refused(host, port, code)
  }

  private static func refused(_ host: String, _ port: Int, _ code: Int32) -> ProbeResult {
    .failed("cannot connect to \(host):\(port): \(String(cString: strerror(code)))")
  }

  static func address(host: String, port: Int) -> sockaddr_in? {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
    return inet_pton(AF_INET, host, &address.sin_addr) == 1 ? address : nil
  }

  /// Whether a task could listen on the port, on every address of this machine.
  static func isFree(_ port: Int) -> Bool {
    guard var address = address(host: "0.0.0.0", port: port) else { return false }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // Connections that linger after their end do not stop a listener, and so must not stop this one.
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
