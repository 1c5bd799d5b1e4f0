package import StackModel

/// What a server lets scripts call, whatever their stacks say.
package struct ServerGrants: Sendable, Hashable {
  /// The word in a list that stands for what is granted where nobody says anything.
  package static let standardWord = "default"

  /// Everything but `http`, which needs a host.
  private var hasStandard: Bool
  private var grants: [Grant]
  /// What scripts may call at most in runs that no administrator has started; nil: the same.
  private var regular: [Grant]?
  /// False: neither shell hooks nor `shell.run`, whatever is granted.
  package var allowsShell: Bool

  package static let standard = ServerGrants(hasStandard: true, grants: [], regular: nil, allowsShell: true)

  private init(hasStandard: Bool, grants: [Grant], regular: [Grant]?, allowsShell: Bool) {
    self.hasStandard = hasStandard
    self.grants = grants
    self.regular = regular
    self.allowsShell = allowsShell
  }

  /// - Parameters:
  ///   - list: patterns, and `default`; empty: the default alone.
  ///   - regular: patterns for runs of regular users; empty: no other than for administrators.
  package init(_ list: [String], regular: [String] = [], allowsShell: Bool = true) throws(GrantError) {
    hasStandard = list.isEmpty || list.contains(Self.standardWord)
    grants = []
    for text in list where text != Self.standardWord { grants.append(try Grant(text)) }
    self.regular = nil
    if !regular.isEmpty {
      var grants: [Grant] = []
      for text in regular { grants.append(try Grant(text)) }
      self.regular = grants
    }
    self.allowsShell = allowsShell
  }

  func denies(_ operation: ScriptOperation, isRegular: Bool) -> GrantDenial.By? {
    if operation.isShell, !allowsShell { return .shellOff }
    let isStandard = hasStandard && !operation.isHTTP
    guard isStandard || grants.contains(where: { operation.isCovered(by: $0) }) else { return .server }
    if isRegular, let regular, !regular.contains(where: { operation.isCovered(by: $0) }) { return .role }
    return nil
  }

  /// Whether an address of this machine is reached because a pattern says so.
  func names(loopback address: NetworkAddress, of target: HTTPEndpoint, operation: String) -> Bool {
    grants.contains { $0.names(loopback: address, of: target.host, port: target.port, operation: operation) }
  }
}
