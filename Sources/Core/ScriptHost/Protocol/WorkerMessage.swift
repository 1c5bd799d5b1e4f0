import JSON

/// What a worker says. Decoding trusts nothing: a worker that a script has taken over can send any bytes.
enum WorkerMessage: Hashable {
  case ready(protocolVersion: Int)
  case refused(String)
  case output([UInt8])
  /// - Parameters:
  ///   - isLater: it is made by a branch of `parallel`, and need not be answered before anything else.
  ///   - place: `file:line` from which it is made.
  case call(id: Int, function: String, arguments: [JSON], isLater: Bool = false, place: String? = nil)
  /// All branches wait for an answer.
  case await
  case ended(JSON)
  case failed(isSyntax: Bool, Report)
  case stopped(Stop, Report)

  /// Why the worker says that a script had to stop.
  enum Stop: String { case cpu, memory, stopped }

  /// Where a script was, and what it said.
  struct Report: Hashable {
    var message = ""
    var place: String?
    var trace: [String] = []
    /// The host's error that ended it.
    var raised: HostCallFailure?
  }

  /// JSON from a worker: values of up to 64 levels inside a message.
  private static let depthLimit = 68
  /// Bytes: one character may be as long as a frame.
  private static let messageLimit = 16 * 1024
  private static let detailsLimit = 64 * 1024
  /// Bytes of a place, as in worker.h.
  private static let placeLimit = 128

  init(decoding frame: [UInt8]) throws(ProtocolViolation) {
    if frame.first == UInt8(ascii: ">") {
      self = .output(Array(frame.dropFirst()))
      return
    }
    let json: JSON
    do throws(JSONParseError) {
      json = try JSON(parsing: frame, limits: JSONLimits(depth: Self.depthLimit, bytes: frame.count))
    } catch {
      throw ProtocolViolation("a frame that is no JSON")
    }
    if let id = json["id"]?.intValue {
      guard let function = json["op"]?.stringValue, let arguments = json["args"]?.arrayValue else {
        throw ProtocolViolation("a call without name or arguments")
      }
      self = .call(
        id: id, function: function, arguments: arguments, isLater: json["later"]?.boolValue ?? false,
        place: Self.place(json))
      return
    }
    guard let message = Self.notification(json) else {
      throw ProtocolViolation("a frame of an unknown kind")
    }
    self = message
  }

  /// The function that a frame calls, as far as its beginning tells: a worker of ours writes the name behind the number. Nothing else
  /// follows from it.
  static func function(calledBy frame: [UInt8]) -> String? {
    // {"id":7,"op":"hash.sha1","args":[
    let parts = frame.prefix(80).split(separator: UInt8(ascii: "\""), maxSplits: 6, omittingEmptySubsequences: false)
    guard parts.count == 7, parts[1].elementsEqual("id".utf8), parts[3].elementsEqual("op".utf8) else { return nil }
    return String(decoding: parts[5], as: UTF8.self)
  }

  private static func notification(_ json: JSON) -> WorkerMessage? {
    switch json["op"]?.stringValue {
    case "ready": json["protocol"]?.intValue.map { .ready(protocolVersion: $0) }
    case "refused": json["message"]?.stringValue.map { .refused(short($0)) }
    case "await": .await
    case "end": json["value"].map { .ended($0) }
    case "error":
      switch json["kind"]?.stringValue {
      case "syntax": .failed(isSyntax: true, report(json))
      case "runtime": .failed(isSyntax: false, report(json))
      default: nil
      }
    case "budget": json["budget"]?.stringValue.flatMap(Stop.init).map { .stopped($0, report(json)) }
    default: nil
    }
  }

  /// The beginning of a text, in whole characters of UTF-8.
  private static func short(_ text: String) -> String {
    guard text.utf8.count > messageLimit else { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: messageLimit)
    while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return String(text.unicodeScalars[..<end])
  }

  private static func report(_ json: JSON) -> Report {
    func text(_ key: String) -> String { short(json[key]?.stringValue ?? "") }
    return Report(
      message: text("message"), place: place(json),
      trace: text("trace").split(separator: "\n").map(String.init), raised: json["raised"].flatMap(raised))
  }

  /// Where a script was: one short line, without what a terminal or a log takes for more than text.
  private static func place(_ json: JSON) -> String? {
    guard let text = json["at"]?.stringValue, !text.isEmpty else { return nil }
    if text.utf8.count <= placeLimit, text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    var shown = ""
    for scalar in text.unicodeScalars where scalar.isShown {
      guard shown.utf8.count + UTF8.width(scalar) <= placeLimit else { break }
      shown.unicodeScalars.append(scalar)
    }
    return shown.isEmpty ? nil : shown
  }

  /// Nil for what is no error of the host's: the script may have changed it.
  private static func raised(_ json: JSON) -> HostCallFailure? {
    guard let code = json["code"]?.stringValue.flatMap(HostCallFailure.Code.init) else { return nil }
    let details = json["details"] ?? .null
    return HostCallFailure(
      code, short(json["message"]?.stringValue ?? ""),
      retryable: json["retryable"]?.boolValue ?? false,
      details: details.approximateSize <= detailsLimit ? details : .null,
      cause: json["cause"]?.stringValue.map(short))
  }
}

extension Unicode.Scalar {
  /// Whether it neither controls what shows it, nor ends its line, nor turns the direction of what follows.
  fileprivate var isShown: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }
}
