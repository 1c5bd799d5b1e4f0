/// How many connections there are, in all and of each peer, and whether one more is taken.
struct ConnectionCounts {
  enum Admission: Hashable {
    case admitted
    /// The server has as many as it takes.
    case full
    /// The peer has.
    case fullForPeer
  }

  private let limit: Int
  private let limitPerPeer: Int
  private var counts: [String: Int] = [:]
  private(set) var total = 0

  init(limit: Int, limitPerPeer: Int) {
    self.limit = limit
    self.limitPerPeer = limitPerPeer
  }

  /// Counts the connection if it is admitted.
  mutating func admit(_ peer: PeerAddress) -> Admission {
    if total >= limit { return .full }
    let count = counts[peer.group] ?? 0
    if count >= limitPerPeer { return .fullForPeer }
    counts[peer.group] = count + 1
    total += 1
    return .admitted
  }

  mutating func leave(_ peer: PeerAddress) {
    guard let count = counts[peer.group] else { return }
    counts[peer.group] = count > 1 ? count - 1 : nil
    total -= 1
  }
}
