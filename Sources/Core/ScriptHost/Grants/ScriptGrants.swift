package import StackModel

/// What the scripts of a run may do: what the server, the stack and the role of who started the run grant, all three. What stays
/// inside the run needs no grant: variables, its log, waiting, and requests to the tasks of the run's own applications.
package struct ScriptGrants: Sendable, Hashable {
  private let server: ServerGrants
  /// Nil where the stack says nothing.
  private let stack: [Grant]?
  private let isRegular: Bool

  /// - Parameters:
  ///   - stack: the stack's own list; nil where it says nothing. A malformed pattern in it, which `add` and `run` refuse, grants nothing.
  ///   - isRegular: whether no administrator has started the run.
  package init(server: ServerGrants, stack: [String]?, isRegular: Bool) {
    self.server = server
    self.isRegular = isRegular
    self.stack = stack?.compactMap { try? Grant($0) }
  }

  /// - Parameter own: where the tasks of the run's applications listen.
  /// - Returns: nil where it is granted.
  package func denial(of operation: ScriptOperation, own: Set<HTTPEndpoint> = []) -> GrantDenial? {
    if case .endpoint(let endpoint) = operation.resource {
      if case .address(let address) = endpoint.host, address.kind == .forbidden {
        return GrantDenial(operation, by: .address)
      }
      if own.contains(endpoint) { return nil }
    }
    if let by = server.denies(operation, isRegular: isRegular) { return GrantDenial(operation, by: by) }
    if let stack, !stack.contains(where: { operation.isCovered(by: $0) }) { return GrantDenial(operation, by: .stack) }
    guard case .endpoint(let endpoint) = operation.resource, case .address(let address) = endpoint.host,
      !allows(address, of: operation, own: own)
    else { return nil }
    return GrantDenial(operation, by: .server)
  }

  /// Whether a granted request may connect to an address that its host stands for at this moment.
  package func allows(_ address: NetworkAddress, of operation: ScriptOperation, own: Set<HTTPEndpoint> = []) -> Bool {
    guard case .endpoint(let endpoint) = operation.resource else { return false }
    // A name that is granted as an address is not: it may stand for another one next time.
    if case .address(let named) = endpoint.host, named != address { return false }
    switch address.kind {
    case .forbidden: return false
    case .ordinary: return true
    case .loopback:
      return own.contains(endpoint) || server.names(loopback: address, of: endpoint, operation: operation.name)
    }
  }
}
