/// Slows down who tries keys: after some wrong ones from one peer (an address, an IPv6 network, a user of a Unix socket)
/// each further one makes the peer wait, longer every time. Others do not notice.
///
/// Credentials that were right from that peer before are still let through to the check while it waits: a job with a
/// wrong key does not lock out the others on its machine.
///
/// It holds a bounded number of peers, and forgets first whose last wrong key is longest ago.
struct GuessLimit {
  /// Wrong keys before the first wait; people mistype.
  static let freeFailures = 10
  static let firstWait = Duration.seconds(1)
  static let longestWait = Duration.seconds(60)
  /// After so much time without a wrong key a peer starts anew.
  static let memory = Duration.seconds(600)
  static let largestCount = 10_000
  /// Right credentials remembered of one peer.
  static let rememberedCredentials = 16

  private struct Peer {
    var failures = 0
    var lastFailure = Duration.zero
    var waitsUntil = Duration.zero
    var known: [[UInt8]] = []
  }

  private var peers: [String: Peer] = [:]

  var count: Int { peers.count }

  func remembers(_ peer: String) -> Bool { peers[peer] != nil }

  /// How long the peer has to wait before these credentials are looked at; nil: not at all.
  /// - Parameter credentials: a digest of name and key.
  /// - Parameter now: of a clock that nobody sets.
  func wait(of peer: String, _ credentials: [UInt8], at now: Duration) -> Duration? {
    guard let peer = peers[peer], peer.waitsUntil > now, !peer.known.contains(credentials) else { return nil }
    return peer.waitsUntil - now
  }

  mutating func noteWrong(_ name: String, _ credentials: [UInt8], at now: Duration) {
    if peers[name] == nil, peers.count >= Self.largestCount { forget() }
    var peer = peers[name] ?? Peer()
    if now - peer.lastFailure >= Self.memory { peer.failures = 0 }
    peer.failures += 1
    peer.lastFailure = now
    // Its key was renewed, or its user is gone.
    peer.known.removeAll { $0 == credentials }
    let surplus = peer.failures - Self.freeFailures
    if surplus >= 0 {
      peer.waitsUntil = now + min(Self.longestWait, Self.firstWait * (1 << min(surplus, 6)))
    }
    peers[name] = peer
  }

  /// Only peers that have failed are remembered at all.
  mutating func noteRight(_ name: String, _ credentials: [UInt8]) {
    guard var peer = peers[name], !peer.known.contains(credentials) else { return }
    if peer.known.count >= Self.rememberedCredentials { peer.known.removeFirst() }
    peer.known.append(credentials)
    peers[name] = peer
  }

  /// Half of them at once, so that it is seldom.
  private mutating func forget() {
    let oldest = peers.sorted { $0.value.lastFailure < $1.value.lastFailure }.prefix(peers.count / 2)
    for (name, _) in oldest { peers[name] = nil }
  }
}
