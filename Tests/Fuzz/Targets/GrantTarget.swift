import Glibc
import ScriptHost

@testable import StackModel

extension FuzzTarget {
  /// A grant, and on the second line the URL of a request.
  static let grants = FuzzTarget(
    name: "grants", summary: "grants, and URLs of scripts' requests", longestInput: 256
  ) { bytes in
    let parts = lines(bytes)
    let url = parts.count > 1 ? parts[1] : ""
    guard let target = try? HTTPTarget(url) else {
      _ = try? Grant(parts.first ?? "")
      return
    }
    let again = try HTTPTarget(target.url)
    try require(again == target && again.url == target.url, "\(url) is written as \(target.url), which is another one")
    try checkHost(target)

    guard let grant = try? Grant(parts.first ?? "") else { return }
    let operation = ScriptOperation("http.get", .endpoint(target.endpoint))
    let server = try ServerGrants([grant.text])
    let isGranted = ScriptGrants(server: server, stack: nil, isRegular: false).denial(of: operation) == nil
    let both = ScriptGrants(server: server, stack: [grant.text], isRegular: true).denial(of: operation) == nil
    try require(isGranted == both, "\(grant) is another one as a stack's")
    for text in ["127.0.0.1", "169.254.169.254", "0.0.0.0"] {
      let grants = ScriptGrants(server: server, stack: nil, isRegular: false)
      guard let address = NetworkAddress(v4: text), grants.allows(address, of: operation) else { continue }
      try require(
        address.kind == .loopback && grant.text.contains { $0.isNumber || $0 == "l" },
        "\(grant) reaches \(address) as \(target.host)")
    }
  }

  /// What passes for a name is no number to the functions of the system that read addresses, and an address is the same to them.
  private static func checkHost(_ target: HTTPTarget) throws {
    var address = in_addr()
    switch target.host {
    case .name(let name):
      try require(inet_aton(name, &address) == 0, "\(name) is an address to the system")
    case .address(let own) where own.bytes.count == 4:
      try require(inet_aton("\(own)", &address) == 1, "\(own) is no address to the system")
      try require(withUnsafeBytes(of: address) { Array($0) } == own.bytes, "\(own) is another address to the system")
    case .address(let own):
      var wide = in6_addr()
      try require(inet_pton(AF_INET6, "\(own)", &wide) == 1, "\(own) is no address to the system")
      try require(withUnsafeBytes(of: wide) { Array($0) } == own.bytes, "\(own) is another address to the system")
    }
  }
}
