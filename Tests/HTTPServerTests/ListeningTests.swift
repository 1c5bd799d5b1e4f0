import Concurrency
import Glibc
import HTTPServer
import TestFolders
import Testing

@Suite struct ListeningTests {
  private let temporary: TemporaryFolder
  private var folder: String { temporary.path }

  init() throws { temporary = try TemporaryFolder() }

  private var path: String { "\(folder)/s" }

  private func get(_ socket: RawSocket) throws -> String {
    try socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    return try socket.receiveResponse().body
  }

  private static let peer: HTTPServer.Handler = { .text($0.peer.name) }

  @Test func severalAddressesAtOnce() async throws {
    let addresses: [ListeningAddress] = [
      .tcp(host: "127.0.0.1", port: 0), .unix(path: path), .tcp(host: "127.0.0.1", port: 0),
    ]
    let server = HTTPServer(.init(addresses: addresses), handler: Self.peer)
    try server.start()
    let bound = server.addresses
    #expect(bound.count == 3)
    #expect(bound[1] == addresses[1])
    for address in bound {
      let answer = try await onThread {
        switch address {
        case .tcp(_, let port): try get(RawSocket(port: port))
        default: try get(RawSocket(path: path))
        }
      }
      #expect(answer == (address.isUnix ? "unix:uid=\(getuid())" : "127.0.0.1"))
    }
    var status = stat()
    #expect(lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    try await eventually { server.connectionCount == 0 }
    await server.stop()
    #expect(lstat(path, &status) != 0)
    #expect(server.addresses.isEmpty)
  }

  @Test func aSocketThatNobodyServesIsReplacedAndOthersAreNot() async throws {
    // As a killed server leaves it.
    let left = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let code = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(left, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(code == 0)
    close(left)

    let server = HTTPServer(.init(addresses: [.unix(path: path, permissions: 0o660)]), handler: Self.peer)
    try server.start()
    var status = stat()
    #expect(lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o660)

    let second = HTTPServer(.init(addresses: [.unix(path: path)]), handler: Self.peer)
    let inUse = try #require(throws: HTTPServerError.self) { try second.start() }
    #expect(inUse.code == .addressInUse)
    #expect(inUse.description.contains("\(path): another program listens there"))
    #expect(try await onThread { try get(RawSocket(path: path)) }.hasPrefix("unix:"))

    // Another server's file stays.
    unlink(path)
    let third = HTTPServer(.init(addresses: [.unix(path: path)]), handler: Self.peer)
    try third.start()
    await server.stop()
    #expect(try await onThread { try get(RawSocket(path: path)) }.hasPrefix("unix:"))
    await third.stop()
  }

  @Test func pathsThatCannotBeSocketsAreNamed() throws {
    close(open(path, O_CREAT | O_WRONLY, 0o600))
    let cases: [(String, String)] = [
      (path, "there is a file that is no socket; it is left as it is"),
      ("\(folder)/none/s", "No such file or directory"),
      ("\(folder)/" + String(repeating: "x", count: 100), "a path of 1 to 107 bytes is needed"),
    ]
    for (path, reason) in cases {
      let server = HTTPServer(.init(addresses: [.unix(path: path)]), handler: Self.peer)
      let error = try #require(throws: HTTPServerError.self) { try server.start() }
      #expect(error.description == "cannot listen on the Unix socket \(path): \(reason)")
    }
    var status = stat()
    #expect(lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG)
  }

  /// What one address opened is closed again when another one cannot be.
  @Test func allAddressesOrNone() async throws {
    try await withServer(handler: Self.peer) { port, _ async throws in
      let server = HTTPServer(
        .init(addresses: [.unix(path: path), .tcp(host: "127.0.0.1", port: port)]), handler: Self.peer)
      #expect(try #require(throws: HTTPServerError.self) { try server.start() }.code == .addressInUse)
      #expect(access(path, F_OK) != 0)
    }
  }

  @Test func inheritedSocketsAreServedAndLeftToTheirOwner() async throws {
    let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let code = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    #expect(code == 0)
    let unheard = HTTPServer(.init(addresses: [.inherited(descriptor: listener)]), handler: Self.peer)
    let error = try #require(throws: HTTPServerError.self) { try unheard.start() }
    #expect(error.description.contains("descriptor \(listener) is no listening stream socket"))

    #expect(listen(listener, 16) == 0)
    for _ in 0..<2 {
      // As after a fork: the service manager keeps its own descriptor.
      let server = HTTPServer(.init(addresses: [.inherited(descriptor: dup(listener))]), handler: Self.peer)
      try server.start()
      let port = server.port
      #expect(port > 0)
      #expect(try await onThread { try get(RawSocket(port: port)) } == "127.0.0.1")
      await server.stop()
      // Between two servers clients wait in the queue in place of being refused.
      _ = try await onThread { try RawSocket(port: port) }
    }
  }

  @Test func connectionsAboveALimitAreToldAndClosed() async throws {
    let warnings = Locked([String]())
    let configuration = HTTPServer.Configuration(
      connectionLimit: 5, connectionLimitPerPeer: 3, warn: { line in warnings.withLock { $0.append(line) } })
    try await withServer(configuration, handler: Self.peer) { port, server async throws in
      let (refused, full) = try await onThread { () throws -> (String, String) in
        let first = try (0..<3).map { _ in try RawSocket(port: port) }
        for socket in first { _ = try get(socket) }
        let refused = try RawSocket(port: port).receiveAll()
        // Another address still gets in, until the server is full.
        let second = try (0..<2).map { _ in try RawSocket(port: port, from: 2) }
        for socket in second { #expect(try get(socket) == "127.0.0.2") }
        let full = try RawSocket(port: port, from: 3).receiveAll()
        for socket in first + second { #expect(try get(socket).hasPrefix("127.0.0.")) }
        return (refused, full)
      }
      #expect(refused.hasPrefix("HTTP/1.1 503 "))
      #expect(refused.hasSuffix("\r\n\r\n127.0.0.1 has as many connections as one peer may have, 3\n"))
      #expect(full.hasSuffix("\r\n\r\nthe server has as many connections as it takes, 5\n"))
      // What has left makes room.
      try await eventually { server.connectionCount == 0 }
      #expect(try await onThread { try get(RawSocket(port: port)) } == "127.0.0.1")
      // The operator is told in sum.
      try await eventually { warnings.withLock { !$0.isEmpty } }
    }
    let warning = try #require(warnings.withLock { $0.first })
    #expect(warning.hasPrefix("refused connections: "))
    #expect(warning.contains("127.0.0.1 has as many connections as one peer may have, 3 (1 times)"))
  }

  /// Connections that have ended are let go of a moment later: that is no reason to refuse the next one.
  @Test func whatIsAboutToEndMakesRoom() async throws {
    try await withServer(.init(connectionLimit: 2), handler: Self.peer) { port, server async throws in
      var isServed = false
      // On a busy machine the moment may be over before the test goes on.
      for _ in 0..<20 where !isServed {
        let answer = try await onThread { () throws -> String in
          var others = try (0..<2).map { _ in try RawSocket(port: port) }
          for socket in others { _ = try get(socket) }
          let next = try RawSocket(port: port, from: 2)
          usleep(20_000)
          others.removeFirst()
          // Refused, it may be reset before it has read why.
          let answer = (try? get(next)) ?? ""
          withExtendedLifetime(others) {}
          return answer
        }
        isServed = answer == "127.0.0.2"
        try await eventually { server.connectionCount == 0 }
      }
      #expect(isServed)
    }
  }

  /// Who says nothing keeps nobody out, and is closed for whoever comes next when the server is full.
  @Test func silenceMakesRoom() async throws {
    try await withServer(.init(connectionLimit: 3), handler: Self.peer) { port, server async throws in
      let answers = try await onThread { () throws -> [String] in
        let silent = try (0..<3).map { _ in try RawSocket(port: port) }
        let talking = try (0..<2).map { _ in try RawSocket(port: port, from: 2) }
        let answers = try talking.map { try get($0) }
        #expect(try silent[0].receiveAll() == "")
        #expect(try silent[1].receiveAll() == "")
        return answers + [try get(silent[2])]
      }
      #expect(answers == ["127.0.0.2", "127.0.0.2", "127.0.0.1"])
      try await eventually { server.connectionCount == 0 }
    }
  }
}
