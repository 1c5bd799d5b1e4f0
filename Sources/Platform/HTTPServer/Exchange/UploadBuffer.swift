/// The part of a request's body that has come in and was not yet read.
struct UploadBuffer {
  enum Reading: Hashable {
    case bytes([UInt8])
    case end
    case nothingYet
    case failed(HTTPRequestBodyError)
  }

  /// Bytes kept for a reader that is behind.
  static let capacity = 64 << 10

  private let limit: Int
  private var bytes: [UInt8] = []
  private var total = 0
  private(set) var isComplete = false
  private var isDiscarding = false
  private(set) var failure: HTTPRequestBodyError?

  /// - Parameter limit: bytes of the whole body.
  init(limit: Int) {
    self.limit = limit
  }

  /// Takes what there is room for and returns how much that was. What nobody will read is taken and dropped.
  mutating func receive(_ data: UnsafeRawBufferPointer) -> Int {
    total += data.count
    if total > limit, failure == nil {
      failure = .tooLarge(limit: limit)
      bytes = []
    }
    if isDiscarding || failure != nil { return data.count }
    let count = min(data.count, Self.capacity - bytes.count)
    total -= data.count - count  // it will come again
    bytes.append(contentsOf: data[..<count])
    return count
  }

  /// What was received and not read.
  var buffered: [UInt8] { bytes }

  /// The body's end was seen.
  mutating func complete() { isComplete = true }

  /// The rest will not come.
  mutating func breakOff() {
    if !isComplete, failure == nil { failure = .closedEarly }
  }

  /// Nobody reads any more.
  mutating func discard() {
    isDiscarding = true
    bytes = []
  }

  /// What a reader gets now. A failure comes after all that was received before it.
  mutating func read() -> Reading {
    if !bytes.isEmpty {
      defer { bytes = [] }
      return .bytes(bytes)
    }
    if let failure { return .failed(failure) }
    return isComplete || isDiscarding ? .end : .nothingYet
  }
}
