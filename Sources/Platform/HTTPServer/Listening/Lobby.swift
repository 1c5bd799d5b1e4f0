/// Connections that have been taken and have sent nothing yet. They wait here for their first byte, where they cost next
/// to nothing, and only then go to the thread that serves: whoever connects and says nothing, or leaves again, is never
/// its concern.
struct Lobby {
  struct Guest {
    let socket: Int32
    let address: SocketAddress
    let peer: PeerAddress
    let since: ContinuousClock.Instant
    fileprivate let number: UInt64
  }

  private var guests: [Int32: Guest] = [:]
  private var lastNumber: UInt64 = 0
  /// In the order of their coming, those that have left included.
  private var order: [(socket: Int32, number: UInt64)] = []
  private var first = 0

  var isEmpty: Bool { guests.isEmpty }

  mutating func enter(_ socket: Int32, _ address: SocketAddress, _ peer: PeerAddress, at now: ContinuousClock.Instant) {
    lastNumber += 1
    guests[socket] = Guest(socket: socket, address: address, peer: peer, since: now, number: lastNumber)
    order.append((socket, lastNumber))
  }

  func guest(_ socket: Int32) -> Guest? { guests[socket] }

  mutating func leave(_ socket: Int32) { guests[socket] = nil }

  /// Who waits longest.
  var oldest: Guest? {
    mutating get {
      while first < order.count {
        let (socket, number) = order[first]
        if let guest = guests[socket], guest.number == number { return guest }
        first += 1
        if first > 1_024, first * 2 > order.count {
          order.removeFirst(first)
          first = 0
        }
      }
      order = []
      first = 0
      return nil
    }
  }
}
