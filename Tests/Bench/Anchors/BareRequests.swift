import Glibc

/// What the requests of a run take by themselves: for each application a look at what is there, its creation, and a look
/// afterwards, sent to the instant Marathon by a bare loop over as many connections as the server may have. One more connection
/// takes the events, so that Marathon has the same to do.
struct BareRequests {
  static let anchorName = "their three requests each, sent by a bare loop"
  /// As many as the server has on their way to one Marathon at most.
  private static let connections = 32

  private struct Exchange {
    var application: Int
    /// How many of its requests are answered.
    var answered = 0
    var answer: [UInt8] = []
  }

  private let port: Int
  private let prefix: String
  private let count: Int
  private var sockets: [pollfd] = []
  private var exchanges: [Exchange] = []
  private var nextApplication = 0
  private var finished = 0
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)

  struct Times {
    var seconds: [Double] = []
    /// Of the loop, without Marathon's.
    var processorSeconds: [Double] = []
  }

  /// Several times so many applications.
  static func times(_ bench: Bench, applications count: Int) async throws -> Times {
    try await MeasuredServer.withMarathon(bench) { port in
      try run(port: port, prefix: "warm", count: 10)
      var times = Times()
      let own = ProcessUsage(pid: getpid())
      for sample in 0..<bench.samples {
        let before = own.processorSeconds
        let begin = ContinuousClock.now
        try run(port: port, prefix: "bare\(sample)", count: count)
        times.seconds.append((ContinuousClock.now - begin) / .seconds(1))
        times.processorSeconds.append(own.processorSeconds - before)
      }
      return times
    }
  }

  private init(port: Int, prefix: String, count: Int) {
    self.port = port
    self.prefix = prefix
    self.count = count
  }

  private static func run(port: Int, prefix: String, count: Int) throws {
    var loop = BareRequests(port: port, prefix: prefix, count: count)
    try loop.run()
  }

  private mutating func run() throws {
    defer { for socket in sockets { close(socket.fd) } }
    try connect()
    LoopbackSocket.send("GET /v2/events HTTP/1.1\r\nHost: localhost\r\n\r\n", to: sockets[0].fd)
    for place in 1..<sockets.count { begin(place) }
    while finished < count {
      guard poll(&sockets, nfds_t(sockets.count), 10_000) > 0 else { throw BenchError("Marathon does not answer") }
      for place in sockets.indices where sockets[place].revents != 0 {
        let size = read(sockets[place].fd, &buffer, buffer.count)
        guard size > 0 else { throw BenchError("Marathon has closed a connection") }
        if place > 0 { try take(buffer[..<size], at: place) }
      }
    }
  }

  /// The first socket is the one of the events.
  private mutating func connect() throws {
    for _ in 0...min(Self.connections, count) {
      guard let socket = LoopbackSocket.connect(port: port) else { throw BenchError("Marathon does not listen") }
      sockets.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0))
      exchanges.append(Exchange(application: 0))
    }
  }

  private mutating func begin(_ place: Int) {
    guard nextApplication < count else { return }
    exchanges[place] = Exchange(application: nextApplication)
    nextApplication += 1
    send(place)
  }

  private func send(_ place: Int) {
    let id = "/\(prefix)-a\(exchanges[place].application)"
    guard exchanges[place].answered == 1 else {
      LoopbackSocket.send("GET /v2/apps\(id) HTTP/1.1\r\nHost: localhost\r\n\r\n", to: sockets[place].fd)
      return
    }
    let body = #"{"id":"\#(id)","cmd":"sleep 1000","cpus":0.1,"mem":32,"instances":1}"#
    LoopbackSocket.send(
      """
      POST /v2/apps HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
      Content-Length: \(body.utf8.count)\r\n\r\n\(body)
      """, to: sockets[place].fd)
  }

  private mutating func take(_ bytes: ArraySlice<UInt8>, at place: Int) throws {
    exchanges[place].answer += bytes
    guard let status = try Self.statusOfWhole(exchanges[place].answer) else { return }
    let expected = [404, 201, 200][exchanges[place].answered]
    guard status == expected else { throw BenchError("Marathon answers \(status) in place of \(expected)") }
    exchanges[place].answer.removeAll(keepingCapacity: true)
    exchanges[place].answered += 1
    if exchanges[place].answered < 3 { return send(place) }
    finished += 1
    begin(place)
  }

  /// Nil while something of the answer is missing. Looks at bytes, as the loop is to take no more than it must.
  private static func statusOfWhole(_ answer: [UInt8]) throws -> Int? {
    guard let endOfHead = end(of: blankLine, in: answer), endOfHead > 12 else { return nil }
    guard let lengthBegin = end(of: lengthField, in: answer), lengthBegin < endOfHead,
      let length = number(answer[lengthBegin..<endOfHead]), let status = number(answer[9..<endOfHead])
    else { throw BenchError("Marathon's answer is not understood: \(String(decoding: answer, as: UTF8.self))") }
    return answer.count >= endOfHead + length ? status : nil
  }

  private static let blankLine = Array("\r\n\r\n".utf8)
  private static let lengthField = Array("\r\nContent-Length: ".utf8)

  /// Where the first occurrence ends.
  private static func end(of pattern: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= pattern.count else { return nil }
    for begin in 0...(bytes.count - pattern.count) where bytes[begin] == pattern[0] {
      var matching = 1
      while matching < pattern.count, bytes[begin + matching] == pattern[matching] { matching += 1 }
      if matching == pattern.count { return begin + matching }
    }
    return nil
  }

  /// Of the digits that it begins with.
  private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
    let digits = bytes.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    guard 1...9 ~= digits.count else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }
}
