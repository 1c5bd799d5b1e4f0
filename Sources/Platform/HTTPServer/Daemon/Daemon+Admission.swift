import CMicroHTTPD
import Concurrency

extension Daemon: Acceptor.Host {
  func admit(_ socket: Int32, _ peer: PeerAddress) -> Acceptor.Admission {
    switch watch.admit(socket: socket, peer: peer) {
    case .admitted: .admitted
    case .full: .full("the server has as many connections as it takes, \(configuration.connectionLimit)")
    case .fullForPeer:
      .refused("\(peer.group) has as many connections as one peer may have, \(configuration.connectionLimitPerPeer)")
    }
  }

  func abandon(_ socket: Int32) { watch.abandon(socket: socket) }

  func serve(_ guest: borrowing Lobby.Guest) {
    // The acceptor ends before the library is stopped, so the pointer stays good.
    let handle = state.withLock { $0.handle }
    let socket = guest.socket
    let isTaken = guest.address.withPointer { MHD_add_connection(handle, socket, $0, $1) } == MHD_Result.YES
    // What the library does not take it has closed.
    if !isTaken { watch.abandon(socket: socket) }
  }
}
