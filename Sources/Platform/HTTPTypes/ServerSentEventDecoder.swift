/// A message of an event stream that is larger than the decoder allows.
package struct ServerSentEventTooLarge: Error, Sendable, Hashable, CustomStringConvertible {
  package let limit: Int
  package var description: String { "a message of the event stream is larger than the \(limit) bytes allowed" }
}

/// Reads a `text/event-stream` piece by piece, wherever it is cut.
///
/// Comments and messages without data are passed over, as the standard says; their id still counts for `lastEventID`.
package struct ServerSentEventDecoder: Sendable {
  /// What to send as `Last-Event-ID` when connecting again.
  package private(set) var lastEventID: String?
  /// The pause before connecting again that the server asked for, in milliseconds.
  package private(set) var retry: Int?

  /// Bytes of one message, its field names included.
  private let limit: Int
  private var line: [UInt8] = []
  /// A line's memory is used again unless it was a long one.
  private static let keptCapacity = 16 << 10
  private var sizeOfMessage = 0
  private var previousWasCR = false
  private var isFirstLine = true
  private var message = ServerSentEvent()

  package init(limit: Int = 4 << 20) {
    self.limit = limit
  }

  /// The messages that these bytes complete.
  /// - Throws: when a message is too large; the stream is then to be closed.
  package mutating func feed(
    _ bytes: some Sequence<UInt8>
  ) throws(ServerSentEventTooLarge) -> [ServerSentEvent] {
    try feed(Array(bytes))
  }

  private mutating func feed(_ bytes: [UInt8]) throws(ServerSentEventTooLarge) -> [ServerSentEvent] {
    let (lineFeed, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
    var events: [ServerSentEvent] = []
    var start = bytes.startIndex
    for position in bytes.indices {
      let byte = bytes[position]
      if byte != lineFeed && byte != carriageReturn { continue }
      try append(bytes[start..<position])
      start = position + 1
      let endsPair = byte == lineFeed && previousWasCR
      previousWasCR = byte == carriageReturn
      if !endsPair, let event = endLine() { events.append(event) }
    }
    try append(bytes[start...])
    return events
  }

  private mutating func append(_ bytes: ArraySlice<UInt8>) throws(ServerSentEventTooLarge) {
    guard !bytes.isEmpty else { return }
    previousWasCR = false
    sizeOfMessage += bytes.count
    if sizeOfMessage > limit { throw ServerSentEventTooLarge(limit: limit) }
    line.append(contentsOf: bytes)
  }

  private mutating func endLine() -> ServerSentEvent? {
    defer { line.removeAll(keepingCapacity: line.count <= Self.keptCapacity) }
    var bytes = line[...]
    if isFirstLine, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    isFirstLine = false

    guard !bytes.isEmpty else {
      let finished = message
      message = ServerSentEvent()
      sizeOfMessage = 0
      return finished.data == nil ? nil : finished
    }
    let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
    let name = String(decoding: bytes[..<(colon ?? bytes.endIndex)], as: UTF8.self)
    var rest = colon.map { bytes[($0 + 1)...] } ?? []
    if rest.first == UInt8(ascii: " ") { rest = rest.dropFirst() }
    set(name, String(decoding: rest, as: UTF8.self))
    return nil
  }

  private mutating func set(_ name: String, _ value: String) {
    switch name {
    case "data":
      // In place: a message of very many lines would otherwise be copied for each.
      if message.data?.append("\n\(value)") == nil { message.data = value }
    case "event": message.event = value.isEmpty ? nil : value
    case "id" where !value.utf8.contains(0):
      message.id = value
      lastEventID = value.isEmpty ? nil : value
    case "retry":
      guard !value.isEmpty, value.utf8.allSatisfy({ (48...57).contains($0) }), let milliseconds = Int(value) else {
        return
      }
      message.retry = milliseconds
      retry = milliseconds
    default: break  // comments, whose name is empty, and fields of a later standard
    }
  }
}
