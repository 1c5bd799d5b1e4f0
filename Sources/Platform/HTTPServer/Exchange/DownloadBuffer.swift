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

  /// In the order in which they were written, those before `first` done. They are kept as they are and not copied: an event
  /// that a thousand followers are sent lies in memory once.
  private var pieces: [[UInt8]] = []
  private var first = 0
  /// What is done of the first piece.
  private var start = 0
  private(set) var count = 0
  private(set) var isComplete = false
  private(set) var hasFailed = false

  /// What is smaller is copied behind the piece before it, so that many small pieces do not cost more than their bytes.
  private static let smallPiece = 128
  /// That one is no larger than this.
  private static let joinedPiece = 4 << 10

  var isFull: Bool { count > Self.highWater }
  var hasRoomAgain: Bool { count <= Self.lowWater }

  mutating func append(_ more: [UInt8]) {
    if more.isEmpty { return }
    if count > 0, more.count < Self.smallPiece, pieces[pieces.count - 1].count < Self.joinedPiece {
      pieces[pieces.count - 1] += more
    } else {
      pieces.append(more)
    }
    count += more.count
  }

  mutating func complete() { isComplete = true }

  /// What is left is not worth sending.
  mutating func fail() {
    hasFailed = true
    forget()
  }

  /// Copies as much as there is and fits.
  mutating func take(into target: UnsafeMutableRawBufferPointer) -> Taking {
    if hasFailed { return .failed }
    guard count > 0 else { return isComplete ? .end : .nothingYet }
    var filled = 0
    while count > 0, filled < target.count {
      let size = pieces[first].count
      let taken = min(size - start, target.count - filled)
      pieces[first].withUnsafeBytes { piece in
        UnsafeMutableRawBufferPointer(rebasing: target[filled..<filled + taken])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: piece[start..<start + taken]))
      }
      filled += taken
      start += taken
      count -= taken
      if start == size { dropFirst() }
    }
    if count == 0 { forget() }
    return .bytes(count: filled)
  }

  private mutating func dropFirst() {
    pieces[first] = []
    first += 1
    start = 0
    if first > 64, first * 2 > pieces.count {
      pieces.removeFirst(first)
      first = 0
    }
  }

  private mutating func forget() {
    pieces = []
    first = 0
    start = 0
    count = 0
  }
}
