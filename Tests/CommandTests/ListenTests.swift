import Glibc
import Processes
import Testing

/// `server --listen`, and commands over Unix sockets.
struct ListenTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func isThere(_ name: String) -> Bool { access(folder.file(name), F_OK) == 0 }

  @Test func commandsCallUnixSockets() async throws {
    try await ServerProcess.with(["--listen", "unix:api.sock"], in: folder) { server async throws in
      #expect(server.url == "unix:\(folder.path)/api.sock")
      #expect(try await server.client("ping").output == "Pong\n")
      var status = stat()
      #expect(lstat(folder.file("api.sock"), &status) == 0 && status.st_mode & 0o777 == 0o660)
      try folder.write("name: s\napplications: {}\n", to: "s.yaml")
      let added = try await server.client("add", "--file", "s.yaml")
      #expect(added.status == .exited(0), "\(added)")
      #expect(try await server.client("list").output == "s\n")

      let other = try await server.client("list", "--api", "unix:none.sock")
      #expect(other.status == .exited(1))
      #expect(other.output.contains("no server answers at unix:none.sock"), "\(other)")

      server.process.signal(SIGTERM)
      #expect(await server.process.exitStatus() == .exited(0))
      #expect(!isThere("api.sock"))
    }
  }

  @Test func aKilledServersSocketIsTakenOver() async throws {
    for isLast in [false, true] {
      let arguments = ["--listen", "unix:api.sock", "--listen", "127.0.0.1:0"]
      try await ServerProcess.with(arguments, in: folder) { server async throws in
        // TCP first, whatever the order, as it can be called from everywhere.
        #expect(server.url.hasPrefix("http://127.0.0.1:"))
        #expect(try await server.client("ping").output == "Pong\n")
        #expect(try await server.client("ping", "--api", "unix:\(folder.path)/api.sock").output == "Pong\n")
        if isLast { return }
        server.process.signal(SIGKILL)
        _ = await server.process.exitStatus()
        #expect(isThere("api.sock"))
      }
    }
    #expect(!isThere("api.sock"))
  }

  /// As systemd starts a service with a socket unit: sd_listen_fds(3).
  @Test func inheritedSocketsAreServed() async throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) == 0 }
    }
    try #require(isBound && listen(listener, 16) == 0)

    try await ServerProcess.with([], in: folder, descriptors: [3: listener]) { server async throws in
      #expect(server.url.hasPrefix("http://127.0.0.1:"))
      #expect(!server.url.hasSuffix(":4200"))
      #expect(try await server.client("ping").output == "Pong\n")
    }
  }

  /// A Unix socket is one whoever has opened it: without TLS, and with connections of its own.
  @Test func anInheritedUnixSocketIsOne() async throws {
    let listener = try unixListener(folder.file("given.sock"))
    defer { close(listener) }
    let certificate = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
      "/CN=stack-deploy test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "server.key", "-out", "server.pem",
    ]
    let openssl = try Program(in: folder).start(certificate, output: "openssl", executable: "openssl")
    try #require(await openssl.exitStatus() == .exited(0), "\(folder.read("openssl.err"))")
    let arguments = [
      "--listen", "127.0.0.1:0", "--tls.cert", "server.pem", "--tls.key", "server.key", "--http.connections", "1",
    ]
    try await ServerProcess.with(arguments, in: folder, descriptors: [3: listener]) { server async throws in
      #expect(server.url.hasPrefix("https://127.0.0.1:"))
      #expect(folder.read("server.err").contains("unix:\(folder.path)/given.sock"))
      let port = try #require(server.url.split(separator: ":").last.flatMap { Int($0) })
      // The network has no connection left; the first bytes keep this one from making room for others.
      let taken = try Crowd.connect(port: port, from: 1)
      defer { close(taken) }
      Crowd.send("\u{16}", to: taken)
      let ping = try await server.client("ping", "--api", "unix:\(folder.path)/given.sock")
      #expect(ping.output == "Pong\n", "\(ping)")
    }
    // It belongs to whoever has opened it.
    #expect(isThere("given.sock"))
  }

  private func unixListener(_ path: String) throws -> Int32 {
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    try #require(path.utf8.count < MemoryLayout.size(ofValue: address.sun_path))
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let isBound = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    try #require(isBound && listen(listener, 16) == 0)
    return listener
  }

  @Test func wrongAddressesAreRefused() async throws {
    let program = Program(in: folder)
    for (arguments, text) in [
      (["--listen", "nowhere"], "invalid value \"nowhere\" for flag -listen: HOST:PORT is expected"),
      (["--listen", "unix:"], "a path is expected after unix:"),
      (["--api", "127.0.0.1:70000"], "for flag -api: HOST:PORT is expected"),
    ] {
      let result = try await program.call(["server"] + arguments)
      #expect(result.status == .exited(2), "\(result)")
      #expect(result.error.contains(text), "\(result)")
    }
  }
}
