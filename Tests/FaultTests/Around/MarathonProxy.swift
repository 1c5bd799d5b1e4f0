import Concurrency
import Glibc

/// Stands between a server and Marathon on loopback, and lets requests, answers and the stream of events come to harm.
///
/// One thread for each connection, one request on each: blocking sockets are enough here.
final class MarathonProxy: Sendable {
  enum Trouble: Sendable, Hashable, CustomStringConvertible {
    /// Passed on, and answered so many milliseconds later.
    case late(Int)
    /// Answered with this status and body, not passed on.
    case refuse(Int, String)
    /// Passed on, the answer replaced by this one.
    case answer(Int, String)
    /// Passed on; half of the answer, then the end of the connection.
    case half
    /// The end of the connection, not passed on.
    case hangUp
    /// Passed on; the end of the connection instead of an answer.
    case swallow

    var description: String {
      switch self {
      case .late(let time): "\(time) ms late"
      case .refuse(let status, _): "refused with \(status)"
      case .answer(let status, _): "answered with \(status)"
      case .half: "half an answer"
      case .hangUp: "hung up"
      case .swallow: "answer swallowed"
      }
    }

    /// Whether Marathon gets to see the request.
    var isPassedOn: Bool {
      switch self {
      case .refuse, .hangUp: false
      case .late, .answer, .half, .swallow: true
      }
    }
  }

  enum StreamTrouble: String, Sendable, CaseIterable {
    case none, lost, doubled, late, broken
  }

  struct Rule: Sendable, Hashable, CustomStringConvertible {
    var method: String
    /// What the path begins with.
    var path: String
    /// Requests that are left alone first.
    var skip = 0
    var count = 1
    var trouble: Trouble

    var description: String { "\(method) \(path) number \(skip + 1), \(count) times: \(trouble)" }
  }

  private struct State {
    var rules: [Rule]
    var streamTrouble: StreamTrouble
    var happened = 0
    var isClosed = false
    var connections: Set<Int32> = []
  }

  private let state: Locked<State>
  private let listener: Int32
  private let upstream: UInt16
  let port: UInt16
  var url: String { "http://127.0.0.1:\(port)" }

  init(to url: String, rules: [Rule] = [], stream: StreamTrouble = .none) throws {
    guard let upstream = url.split(separator: ":").last.flatMap({ UInt16($0) }) else {
      throw KillFailure("no port in \(url)")
    }
    self.upstream = upstream
    state = Locked(State(rules: rules, streamTrouble: stream))
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = Self.loopback(0)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard bound == 0, listen(listener, 64) == 0 else { throw KillFailure("cannot listen: error \(errno)") }
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
    }
    self.listener = listener
    port = UInt16(bigEndian: address.sin_port)
    startThread(named: "proxy") { [self] in accept() }
  }

  /// How often something happened.
  var happened: Int { state.withLock { $0.happened } }

  func set(_ rules: [Rule]) { state.withLock { $0.rules = rules } }

  func close() {
    let open = state.withLock { state in
      state.isClosed = true
      return state.connections
    }
    shutdown(listener, Int32(SHUT_RDWR))
    for connection in open { shutdown(connection, Int32(SHUT_RDWR)) }
  }

  private static func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  private func accept() {
    while true {
      let connection = Glibc.accept(listener, nil, nil)
      guard connection >= 0 else { break }
      let isClosed = state.withLock { state in
        state.connections.insert(connection)
        return state.isClosed
      }
      if isClosed {
        leave(connection)
      } else {
        startThread(named: "proxied") { [self] in
          serve(connection)
          leave(connection)
        }
      }
    }
    Glibc.close(listener)
  }

  private func leave(_ connection: Int32) {
    state.withLock { _ = $0.connections.remove(connection) }
    Glibc.close(connection)
  }

  // MARK: One request

  private func serve(_ client: Int32) {
    guard let (head, body) = readRequest(client) else { return }
    let words = head.prefix { $0 != "\r\n" }.split(separator: " ")
    guard words.count == 3 else { return }
    let (method, path) = (String(words[0]), String(words[1]))
    if path.hasPrefix("/v2/events") {
      stream(client, head)
      return
    }
    let trouble = takeTrouble(method, path)
    switch trouble {
    case .refuse(let status, let text)?:
      send(client, answer(status, text))
      return
    case .hangUp?: return
    default: break
    }
    guard let upstream = connect() else { return }
    defer { Glibc.close(upstream) }
    send(upstream, request(head) + body)
    var answered: [UInt8] = []
    while let bytes = receive(upstream) { answered += bytes }
    switch trouble {
    case .late(let time)?: usleep(UInt32(time) * 1_000)
    case .answer(let status, let text)?: answered = answer(status, text)
    case .half?: answered = Array(answered.prefix(max(answered.count / 2, answered.count - 80)))
    case .swallow?: answered = []
    default: break
    }
    send(client, answered)
  }

  private func takeTrouble(_ method: String, _ path: String) -> Trouble? {
    state.withLock { state in
      for index in state.rules.indices {
        let rule = state.rules[index]
        guard rule.count > 0, rule.method == method, path.hasPrefix(rule.path) else { continue }
        if rule.skip > 0 {
          state.rules[index].skip -= 1
          continue
        }
        state.rules[index].count -= 1
        state.happened += 1
        return rule.trouble
      }
      return nil
    }
  }

  /// For Marathon: its own address, and an end after the answer.
  private func request(_ head: String) -> [UInt8] {
    var lines = head.split(separator: "\r\n", omittingEmptySubsequences: true).map(String.init)
    lines[0] = lines[0].replacing("HTTP/1.1", with: "HTTP/1.0")
    lines.removeAll { $0.lowercased().hasPrefix("connection:") || $0.lowercased().hasPrefix("host:") }
    lines += ["Host: 127.0.0.1:\(upstream)", "Connection: close"]
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  private func answer(_ status: Int, _ body: String) -> [UInt8] {
    Array(
      """
      HTTP/1.1 \(status) Injected\r
      Content-Type: application/json\r
      Content-Length: \(body.utf8.count)\r
      Connection: close\r
      \r
      \(body)
      """.utf8)
  }

  // MARK: Events

  private func stream(_ client: Int32, _ head: String) {
    guard let upstream = connect() else { return }
    defer { Glibc.close(upstream) }
    state.withLock { _ = $0.connections.insert(upstream) }
    defer { state.withLock { _ = $0.connections.remove(upstream) } }
    send(upstream, request(head))
    var rest: [UInt8] = []
    var heldBack: [[UInt8]] = []
    var count = 0
    let end = Array("\n\n".utf8)
    let trouble = state.withLock { $0.streamTrouble }
    while let bytes = receive(upstream) {
      rest += bytes.filter { $0 != UInt8(ascii: "\r") }
      while let place = rest.firstRange(of: end) {
        let event = Array(rest[..<place.upperBound])
        rest.removeSubrange(..<place.upperBound)
        count += 1
        // The answer's head, and the event that says that the stream is there.
        guard count > 2, trouble != .none else {
          send(client, event)
          continue
        }
        state.withLock { $0.happened += 1 }
        switch trouble {
        case .none, .lost: break
        case .doubled: send(client, event + event)
        case .late:
          heldBack.insert(event, at: heldBack.count / 2)
          if heldBack.count > 3 { send(client, heldBack.removeFirst()) }
        case .broken:
          // In the middle of an event.
          send(client, Array(event.prefix(event.count / 2)))
          return
        }
      }
    }
  }

  // MARK: Sockets

  private func connect() -> Int32? {
    let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = Self.loopback(upstream)
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if connected == 0 { return file }
    Glibc.close(file)
    return nil
  }

  private func receive(_ file: Int32) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    let count = recv(file, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  private func send(_ file: Int32, _ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  private func readRequest(_ client: Int32) -> (head: String, body: [UInt8])? {
    var bytes: [UInt8] = []
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let place = bytes.firstRange(of: end) {
        let head = String(decoding: bytes[..<place.lowerBound], as: UTF8.self)
        let length =
          head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
          .flatMap { Int($0.dropFirst("content-length:".count).filter { $0 != " " }) } ?? 0
        var body = Array(bytes[place.upperBound...])
        while body.count < length, let more = receive(client) { body += more }
        return (head, body)
      }
      guard let more = receive(client) else { return nil }
      bytes += more
    }
  }
}
