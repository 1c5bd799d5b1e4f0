/// Cuts a stream of bytes into frames: four bytes of length, the most significant first, and that many bytes.
///
/// It keeps no more than one frame and what came with it: a length beyond the limit is refused when it is read.
struct FrameDecoder {
  private let limit: Int
  private var bytes: [UInt8] = []
  private var position = 0

  init(limit: Int) { self.limit = limit }

  mutating func append(_ more: [UInt8]) {
    if position > 0 {
      bytes.removeFirst(position)
      position = 0
    }
    bytes += more
  }

  /// The next whole frame; nil when more bytes are needed.
  mutating func next() throws(ProtocolViolation) -> [UInt8]? {
    guard bytes.count - position >= 4 else { return nil }
    let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
    guard length > 0 else { throw ProtocolViolation("an empty frame") }
    guard length <= limit else { throw ProtocolViolation("a frame of \(length) bytes, of which \(limit) are allowed") }
    guard bytes.count - position - 4 >= length else { return nil }
    defer { position += 4 + length }
    return Array(bytes[position + 4..<position + 4 + length])
  }

  /// Whether the stream may end here.
  var isBetweenFrames: Bool { bytes.count == position }

  static func frame(_ payload: [UInt8]) -> [UInt8] {
    let length = UInt32(payload.count)
    return (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + payload
  }
}

/// What no worker of ours sends. Completes "the worker sent …".
struct ProtocolViolation: Error, Hashable {
  let what: String

  init(_ what: String) { self.what = what }
}
