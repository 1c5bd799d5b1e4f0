import Concurrency
import Glibc

/// One accepted connection; all calls block. Every byte that was sent and read is counted.
final class RawConnection: Sendable {
  private struct State {
    var isOpen = true
    var sent = 0
    var received = 0
    var requests: [String] = []
    var sawPeerClose = false
  }

  private let descriptor: Int32
  private let state = Locked(State())

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  var sentCount: Int { state.withLock { $0.sent } }
  var receivedCount: Int { state.withLock { $0.received } }
  var requests: [String] { state.withLock { $0.requests } }
  var sawPeerClose: Bool { state.withLock { $0.sawPeerClose } }

  /// The head of the next request, without its empty line; `nil` when the peer has closed.
  @discardableResult
  func readHead() -> String? {
    var bytes: [UInt8] = []
    while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
      guard let byte = read(1), !byte.isEmpty else { return nil }
      bytes += byte
    }
    let head = String(decoding: bytes.dropLast(4), as: UTF8.self)
    state.withLock { $0.requests.append(head) }
    return head
  }

  /// At most `limit` bytes; `nil` at the end.
  func read(_ limit: Int) -> [UInt8]? {
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      count = max(0, recv(descriptor, buffer.baseAddress, limit, 0))
    }
    state.withLock { state in
      state.received += bytes.count
      if bytes.isEmpty { state.sawPeerClose = true }
    }
    return bytes.isEmpty ? nil : bytes
  }

  /// Exactly `count` bytes, fewer when the peer closes.
  func readAll(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count, let more = read(count - bytes.count) { bytes += more }
    return bytes
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// False when the peer is gone.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count <= 0 { return false }
      state.withLock { $0.sent += count }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Blocks until the peer has closed.
  func waitForClose() { while read(4096) != nil {} }

  func end() {
    let wasOpen = state.withLock { state in
      defer { state.isOpen = false }
      return state.isOpen
    }
    if wasOpen { shutdown(descriptor, Int32(SHUT_RDWR)) }
  }
}
