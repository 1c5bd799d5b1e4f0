import Crypto
package import JSON
import StackModel

/// A script's HTTP request, checked as far as that is possible without sending it.
package struct HTTPCall: Sendable, Hashable {
  /// Bytes of a request's body.
  package static let largestBody = 1 << 20
  /// Bytes of an answer's body, where the script does not say less or more.
  static let standardAnswer = 1 << 20
  /// Bytes of an answer's body at most: it crosses the border as text, and becomes part of the run's journal.
  static let largestAnswer = 2 << 20
  static let standardTimeout = Duration.seconds(30)
  static let longestTimeout = Duration.seconds(600)

  /// What grants see of it.
  package let operation: ScriptOperation
  /// In capitals.
  package let method: String
  package let target: HTTPTarget
  /// In the order of their names.
  package let headers: [Header]
  package let body: [UInt8]?
  /// From the name's resolution to the last byte of the answer.
  package let timeout: Duration
  package let answerLimit: Int
  /// Whether the script says that twice is as good as once.
  let isIdempotent: Bool

  package struct Header: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// - Parameter arguments: in normal form, of the function of this name.
  package init(_ function: String, _ arguments: JSONObject) throws(HostCallFailure) {
    let options = arguments["options"]?.objectValue ?? [:]
    method = (arguments.string("method") ?? String(function.dropFirst("http.".count))).uppercased()
    guard Self.isToken(method), !["CONNECT", "TRACE"].contains(method) else {
      throw HostCallFailure(.invalidArgument, "argument method must be one such as GET or PATCH")
    }
    var target = try HTTPTarget(arguments.string("url") ?? "")
    for (name, value) in options["query"]?.objectValue ?? [:] {
      target.append(query: name, try Self.queryValue(name, value))
    }
    self.target = target
    operation = ScriptOperation(function, .endpoint(target.endpoint))
    var headers = try Self.headers(options)
    body = try Self.body(options, &headers)
    self.headers = headers.sorted { $0.name < $1.name }
    timeout = try Self.timeout(options)
    answerLimit = try Self.answerLimit(options)
    isIdempotent = options.boolean("idempotent") ?? false
  }

  private static func queryValue(_ name: String, _ value: JSON) throws(HostCallFailure) -> String {
    switch value {
    case .string(let text): return text
    case .integer, .number, .bigNumber, .bool: return value.text
    case .null, .array, .object:
      throw HostCallFailure(.invalidArgument, "options.query: a value must be a string, a number, true or false")
    }
  }

  // MARK: headers

  /// What the connection needs for itself, or what would lead the request somewhere else than its URL says.
  private static let ownHeaders: Set<String> = [
    "host", "connection", "content-length", "transfer-encoding", "expect", "upgrade", "te", "trailer", "keep-alive",
    "proxy-authorization", "proxy-connection",
  ]

  private static func headers(_ options: JSONObject) throws(HostCallFailure) -> [Header] {
    var headers: [Header] = []
    var seen: Set<String> = []
    for (name, value) in options["headers"]?.objectValue ?? [:] {
      let value = value.stringValue ?? ""
      guard isToken(name), name.utf8.count <= 128 else {
        throw HostCallFailure(.invalidArgument, "options.headers: a name has characters that HTTP forbids there")
      }
      guard !ownHeaders.contains(name.lowercased()) else {
        throw HostCallFailure(.invalidArgument, "options.headers: \(name) is not the script's to set")
      }
      guard seen.insert(name.lowercased()).inserted else {
        throw HostCallFailure(.invalidArgument, "options.headers: \(name) stands there twice")
      }
      guard value.utf8.count <= 8 << 10, value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
        throw HostCallFailure(
          .invalidArgument, "options.headers: the value of \(name) has control characters, or more than 8 KiB")
      }
      headers.append(Header(name: name, value: value))
    }
    guard headers.count <= 100 else {
      throw HostCallFailure(.invalidArgument, "options.headers: there are more than 100")
    }
    return headers
  }

  private static func isToken(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
      }
  }

  // MARK: body and limits

  private static func body(_ options: JSONObject, _ headers: inout [Header]) throws(HostCallFailure) -> [UInt8]? {
    let body: [UInt8]
    let type: String
    switch (options["json"], options.string("body")) {
    case (nil, nil): return nil
    case (_?, _?): throw HostCallFailure(.invalidArgument, "options: either json or body")
    case (let json?, nil): (body, type) = (json.bytes, "application/json")
    case (nil, let text?): (body, type) = (Array(text.utf8), "text/plain; charset=utf-8")
    }
    guard body.count <= largestBody else {
      throw HostCallFailure(
        .invalidArgument, "options: the body has \(body.count) bytes; \(largestBody) are allowed")
    }
    if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
      headers.append(Header(name: "Content-Type", value: type))
    }
    return body
  }

  private static func timeout(_ options: JSONObject) throws(HostCallFailure) -> Duration {
    let timeout = options.duration("timeout") ?? standardTimeout
    guard timeout > .zero, timeout <= longestTimeout else {
      throw HostCallFailure(.invalidArgument, "options.timeout must be above 0s and at most 10m")
    }
    return timeout
  }

  private static func answerLimit(_ options: JSONObject) throws(HostCallFailure) -> Int {
    let limit = options.integer("limit") ?? standardAnswer
    guard (0...largestAnswer).contains(limit) else {
      throw HostCallFailure(.invalidArgument, "options.limit must be at most 2MiB")
    }
    return limit
  }
}

extension HTTPCall {
  /// For people: no values of the query, no headers, no body, any of which may be secrets.
  package var shown: String { "\(method) \(target.shown)" }

  var recording: HostFunction.Recording {
    switch method {
    case "GET", "HEAD", "OPTIONS": .answer
    case "PUT", "DELETE": .effect(inDoubt: .repeat)
    default: .effect(inDoubt: isIdempotent ? .repeat : .block)
    }
  }

  /// What a script gets.
  /// - Parameter headers: in their order; those of one name are joined with commas.
  package static func answer(status: Int, headers: [Header], body: [UInt8]) -> HostAnswer {
    var fields = JSONObject()
    for header in headers {
      let name = header.name.lowercased()
      // A header is bytes to HTTP; what is no UTF-8 has become replacement characters on the way here.
      fields[name] = .string((fields[name]?.stringValue).map { "\($0), \(header.value)" } ?? header.value)
    }
    var answer: JSONObject = ["status": .integer(Int64(status)), "headers": .object(fields)]
    if let text = String(validating: body, as: UTF8.self) {
      answer["body"] = .string(text)
    } else {
      answer["bytes"] = .string(Base64.encode(body))
    }
    if let json = try? JSON(parsing: body, limits: JSONLimits(depth: 60, bytes: body.count)), !json.isNull {
      answer["json"] = json
    }
    return .result(.object(answer))
  }
}
