/// What the event thread and the reading task of one exchange share. Every decision is a method here; ``Transfer``
/// calls them under its lock and performs what they return outside of it.
struct TransferState {
  typealias HeadResult = Result<ResponseHeadParser.Head, HTTPClientError>
  typealias ChunkResult = Result<[UInt8]?, HTTPClientError>
  typealias HeadWaiter = CheckedContinuation<HeadResult, Never>
  typealias ChunkWaiter = CheckedContinuation<ChunkResult, Never>
  /// Resumed with whether more of the upload is wanted.
  typealias UploadWaiter = CheckedContinuation<Bool, Never>

  enum End {
    case complete
    case failed(HTTPClientError)
  }

  /// Who waits when a transfer ends; each is to be resumed once, with `end`.
  struct Waiters {
    var head: HeadWaiter?
    /// What it waits for, where that has come.
    var answer: ResponseHeadParser.Head?
    var chunk: ChunkWaiter?
    var upload: UploadWaiter?
  }

  /// The head is kept back until the body is there too, or as much of it as is kept.
  private let isWhole: Bool
  private(set) var end: End?

  private var head: ResponseHeadParser.Head?
  private var headWaiter: HeadWaiter?

  private var received: [UInt8] = []
  private var chunkWaiter: ChunkWaiter?
  private var isReceivingPaused = false

  private var outgoing: [UInt8] = []
  private var outgoingStart = 0
  private var upload = Upload.running
  private var uploadWaiter: UploadWaiter?
  private var isSendingPaused = false

  /// Whether more of the request's body may come.
  private enum Upload {
    case running
    /// The producer has given all.
    case finished
    /// The peer has answered with a refusal before it had all.
    case refused
  }

  var bufferedCount: Int { received.count }

  init(isWhole: Bool) {
    self.isWhole = isWhole
  }
}

// MARK: The answer's head
extension TransferState {
  struct HeadReaction {
    var waiter: HeadWaiter?
    var uploadWaiter: UploadWaiter?
    /// libcurl takes a paused upload for unfinished business even after a refusal.
    var resumeSending = false
  }

  mutating func handle(head: ResponseHeadParser.Head) -> HeadReaction {
    self.head = head
    let waiter = isWhole ? nil : takeHeadWaiter()
    // libcurl sends no more of a body that was answered with a refusal.
    guard head.status >= 300 else { return HeadReaction(waiter: waiter) }
    defer { (uploadWaiter, isSendingPaused) = (nil, false) }
    upload = .refused
    return HeadReaction(waiter: waiter, uploadWaiter: uploadWaiter, resumeSending: isSendingPaused)
  }

  private mutating func takeHeadWaiter() -> HeadWaiter? {
    defer { headWaiter = nil }
    return headWaiter
  }

  /// The head or the failure if already known; else `waiter` is kept.
  mutating func takeHead(orWaitWith waiter: HeadWaiter) -> HeadResult? {
    if let head { return .success(head) }
    if case .failed(let error) = end { return .failure(error) }
    headWaiter = waiter
    return nil
  }
}

// MARK: The answer's body
extension TransferState {
  enum Receipt {
    case buffered
    case deliver(ChunkWaiter)
    /// Until somebody reads, for which this one may have to be told that there is something.
    case pause(HeadWaiter?, ResponseHeadParser.Head)
    case abort
  }

  /// `bytes` is copied only when the answer is `.buffered`.
  mutating func handle(bytes: UnsafeRawBufferPointer) -> Receipt {
    guard end == nil, let head else { return .abort }
    if let waiter = chunkWaiter {
      chunkWaiter = nil
      return .deliver(waiter)
    }
    if received.count >= Transfer.receiveLimit {
      isReceivingPaused = true
      return .pause(takeHeadWaiter(), head)
    }
    received.append(contentsOf: bytes)
    return .buffered
  }

  enum ChunkAnswer {
    case result(ChunkResult, resumeReceiving: Bool)
    case wait
    case alreadyRead
  }

  mutating func takeChunk(orWaitWith waiter: ChunkWaiter) -> ChunkAnswer {
    if !received.isEmpty {
      defer {
        received = []
        isReceivingPaused = false
      }
      return .result(.success(received), resumeReceiving: isReceivingPaused)
    }
    switch end {
    case .complete: return .result(.success(nil), resumeReceiving: false)
    case .failed(let error): return .result(.failure(error), resumeReceiving: false)
    case nil: break
    }
    if chunkWaiter != nil { return .alreadyRead }
    chunkWaiter = waiter
    return .wait
  }
}

// MARK: The request's body
extension TransferState {
  enum Provision {
    case bytes(Int, UploadWaiter?)
    case pause
    case endOfBody
    case abort
  }

  /// Copies what waits for the network into libcurl's buffer.
  mutating func provide(into buffer: UnsafeMutableRawBufferPointer) -> Provision {
    if end != nil { return .abort }
    let waiting = outgoing.count - outgoingStart
    guard waiting > 0 else {
      switch upload {
      case .finished: return .endOfBody
      // Never the end of the body: what was sent must not look like all of it.
      case .refused: return .pause
      case .running:
        isSendingPaused = true
        return .pause
      }
    }
    let count = min(waiting, buffer.count)
    outgoing.withUnsafeBytes { bytes in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[outgoingStart..<outgoingStart + count]))
    }
    outgoingStart += count
    if outgoingStart == outgoing.count {
      outgoing.removeAll(keepingCapacity: true)
      outgoingStart = 0
    }
    guard outgoing.count - outgoingStart < Transfer.sendLimit else { return .bytes(count, nil) }
    defer { uploadWaiter = nil }
    return .bytes(count, uploadWaiter)
  }

  enum UploadAnswer {
    case go(resumeSending: Bool)
    case wait(resumeSending: Bool)
    case notWanted
  }

  mutating func handle(upload chunk: [UInt8], orWaitWith waiter: UploadWaiter) -> UploadAnswer {
    guard end == nil, upload == .running else { return .notWanted }
    outgoing.append(contentsOf: chunk)
    let resume = isSendingPaused && !chunk.isEmpty
    if resume { isSendingPaused = false }
    if outgoing.count - outgoingStart < Transfer.sendLimit { return .go(resumeSending: resume) }
    uploadWaiter = waiter
    return .wait(resumeSending: resume)
  }

  /// True when libcurl waits for bytes and has to be told that none will come.
  mutating func handleUploadEnd() -> Bool {
    guard upload == .running else { return false }
    upload = .finished
    defer { isSendingPaused = false }
    return isSendingPaused
  }

  /// Whether the producer's failure matters to the exchange.
  var wantsUpload: Bool { end == nil && upload == .running }
}

// MARK: The end
extension TransferState {
  /// The first end counts; `nil` for a later one.
  mutating func handle(end newEnd: End) -> Waiters? {
    guard end == nil else { return nil }
    end = newEnd
    // Nobody who cancelled wants to read on; what a broken connection has brought may be read.
    if case .failed(let error) = newEnd, error.code == .cancelled { received = [] }
    outgoing = []
    outgoingStart = 0
    defer { (headWaiter, chunkWaiter, uploadWaiter) = (nil, nil, nil) }
    return Waiters(head: headWaiter, answer: head, chunk: chunkWaiter, upload: uploadWaiter)
  }
}
