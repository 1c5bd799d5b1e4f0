/// The part of a streamed response that was written and that the connection has not yet taken.
struct DownloadBuffer {
  enum Taking: Hashable {
    case bytes(count: Int)
    case nothingYet
    case end
    case failed
  }

  /// A writer waits above this many bytes.
  static let highWater = 64 << 10
  /// A waiting writer goes on at this many bytes.
  static let lowWater = 32 << 10

  private var bytes: [UInt8] = []
  private var start = 0
  private(set) var isComplete = false
  private(set) var hasFailed = false

  var count: Int { bytes.count - start }
  var isFull: Bool { count > Self.highWater }
  var hasRoomAgain: Bool { count <= Self.lowWater }

  mutating func append(_ more: [UInt8]) {
    if count == 0 {
      bytes = more
      start = 0
    } else {
      bytes += more
    }
  }

  mutating func complete() { isComplete = true }

  /// What is left is not worth sending.
  mutating func fail() {
    hasFailed = true
    bytes = []
    start = 0
  }

  /// Copies as much as there is and fits.
  mutating func take(into target: UnsafeMutableRawBufferPointer) -> Taking {
    if hasFailed { return .failed }
    guard count > 0 else { return isComplete ? .end : .nothingYet }
    let taken = min(count, target.count)
    bytes.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + taken])) }
    start += taken
    if count == 0 {
      bytes = []
      start = 0
    } else if start > Self.lowWater {
      bytes.removeFirst(start)
      start = 0
    }
    return .bytes(count: taken)
  }
}
