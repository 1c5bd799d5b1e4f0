@testable import ScriptHost

extension FuzzTarget {
  /// The stream of a worker that a script has taken over.
  static let workerFrames = FuzzTarget(
    name: "worker-frames", summary: "the stream of a script's worker, cut anywhere", longestInput: 2_048
  ) { bytes in
    let whole = try WorkerStream(bytes) { _ in bytes.count }
    // Cut at places that the input itself decides.
    let pieces = try WorkerStream(bytes) { 1 + Int(bytes[$0] & 15) }
    try require(pieces == whole, "the frames depend on where the stream is cut")
  }
}

/// What was read of a stream.
private struct WorkerStream: Equatable {
  private static let limit = 512

  var frames: [[UInt8]] = []
  var violation: ProtocolViolation?

  /// - Parameter size: of the piece that begins at an offset.
  init(_ bytes: [UInt8], size: (Int) -> Int) throws {
    var decoder = FrameDecoder(limit: Self.limit)
    var taken: [UInt8] = []
    var fed = 0
    while fed < bytes.count, violation == nil {
      let end = min(bytes.count, fed + size(fed))
      decoder.append(Array(bytes[fed..<end]))
      fed = end
      do throws(ProtocolViolation) {
        while let frame = try decoder.next() {
          frames.append(frame)
          taken += FrameDecoder.frame(frame)
        }
      } catch {
        violation = error
      }
      let rest = bytes[..<fed].dropFirst(taken.count)
      try require(bytes.starts(with: taken), "other bytes than were sent")
      try require(violation != nil || rest.count < Self.limit + 4, "\(rest.count) bytes are kept")
      try require(decoder.isBetweenFrames == rest.isEmpty, "between frames, or not, before \(rest.count) bytes")
      try check(Array(rest))
    }
    try require(frames.allSatisfy { (1...Self.limit).contains($0.count) }, "a frame that is not allowed")
    guard let violation else { return }
    // It stays refused, whatever follows.
    decoder.append(FrameDecoder.frame([1]))
    var again: ProtocolViolation?
    do throws(ProtocolViolation) { _ = try decoder.next() } catch { again = error }
    try require(again == violation, "first \(violation.what), then \(again?.what ?? "nothing")")
  }

  /// What no frame was made of is not all there, or is refused for its length.
  private func check(_ rest: [UInt8]) throws {
    guard rest.count >= 4 else { return try require(violation == nil, "refused before there was a length") }
    let length = Int(rest[0]) << 24 + Int(rest[1]) << 16 + Int(rest[2]) << 8 + Int(rest[3])
    let isAllowed = length > 0 && length <= Self.limit
    try require(isAllowed == (violation == nil), "a length of \(length)")
    try require(!isAllowed || rest.count < length + 4, "a whole frame is not given out")
  }
}
