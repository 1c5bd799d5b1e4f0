import JSON
import ScriptHost
import StackModel
import Testing

struct ScriptGrantsTests {
  private func grants(
    _ server: [String] = [], regular: [String] = [], shell: Bool = true, stack: [String]? = nil, isRegular: Bool = false
  ) throws -> ScriptGrants {
    ScriptGrants(
      server: try ServerGrants(server, regular: regular, allowsShell: shell), stack: stack, isRegular: isRegular)
  }

  private static let deploy = ScriptOperation("marathon.deploy", .text("/prod/web"))

  private func get(_ url: String, _ name: String = "http.get") throws -> ScriptOperation {
    ScriptOperation(name, .endpoint(try HTTPTarget(url).endpoint))
  }

  // MARK: who grants

  @Test func theStandardIsEverythingButHTTP() throws {
    let grants = try grants()
    #expect(grants.denial(of: Self.deploy) == nil)
    #expect(grants.denial(of: .shell) == nil)
    #expect(grants.denial(of: try get("http://a.internal"))?.by == .server)
  }

  @Test func aListReplacesTheStandardUnlessItNamesIt() throws {
    #expect(try grants(["http:a.internal"]).denial(of: Self.deploy)?.by == .server)
    #expect(try grants(["http:a.internal", "default"]).denial(of: Self.deploy) == nil)
    #expect(try grants(["http:a.internal", "default"]).denial(of: try get("http://a.internal")) == nil)
    #expect(try grants(["http:a.internal", "default"]).denial(of: try get("http://b.internal"))?.by == .server)
  }

  /// All combinations of what three parties say of one operation: the first one that denies is named, all must grant.
  @Test(arguments: [Self.deploy, .shell])
  func allThreeMustGrant(_ operation: ScriptOperation) throws {
    let choices: [(list: [String], grants: Bool)] = [
      (["*"], true), ([operation.name], true), (["cassandra.*"], false), (["marathon.deploy:/dev/*"], false),
    ]
    let stacks: [(list: [String]?, grants: Bool)] = choices.map { ($0.list, $0.grants) } + [(nil, true), ([], false)]
    for server in choices {
      for stack in stacks {
        for role in choices {
          for isRegular in [true, false] {
            let grants = try grants(server.list, regular: role.list, stack: stack.list, isRegular: isRegular)
            let expected: GrantDenial.By? =
              !server.grants ? .server : isRegular && !role.grants ? .role : !stack.grants ? .stack : nil
            #expect(grants.denial(of: operation)?.by == expected, "\(server) \(stack) \(role) \(isRegular)")
          }
        }
      }
    }
  }

  @Test func shellCanBeTakenAwayWhateverIsGranted() throws {
    #expect(try grants(["*", "shell"], shell: false).denial(of: .shell)?.by == .shellOff)
    #expect(try grants(shell: false).denial(of: Self.deploy) == nil)
  }

  @Test func denialsNameOperationResourceAndWho() throws {
    let denial = try #require(try grants(["shell"]).denial(of: Self.deploy))
    #expect("\(denial)" == "marathon.deploy:/prod/web is not granted by the server (--script.grant)")
    #expect(denial.failure.code == .denied)
    #expect(!denial.failure.retryable)
    #expect(
      denial.failure.details == ["operation": "marathon.deploy", "resource": "/prod/web", "by": "server"])
    let shell = try #require(try grants(shell: false).denial(of: .shell))
    #expect(shell.failure.details == ["operation": "shell.run", "by": "server"])
  }

  @Test func malformedOnesAreErrors() {
    #expect(throws: GrantError.self) { try ServerGrants(["*", "x:"]) }
    #expect(throws: GrantError.self) { try ServerGrants([], regular: ["x:"]) }
    #expect(ScriptGrants(server: .standard, stack: ["shell:"], isRegular: false).denial(of: .shell)?.by == .stack)
  }

  // MARK: where http may connect

  private let own: Set<HTTPEndpoint> = [
    HTTPEndpoint(host: "127.0.0.1", port: 31000), HTTPEndpoint(host: "Agent-1.internal", port: 31001),
    HTTPEndpoint(host: "169.254.1.1", port: 31002), HTTPEndpoint(host: "fd00::1", port: 31003),
  ].reduce(into: []) { set, endpoint in endpoint.map { _ = set.insert($0) } }

  @Test(arguments: [
    ("http://127.0.0.1:31000/x", true), ("http://127.0.0.1:31001", false), ("http://localhost:31000", false),
    ("http://agent-1.internal:31001", true), ("http://AGENT-1.internal.:31001", true),
    ("http://agent-1.internal:31000", false), ("http://169.254.1.1:31002", false), ("http://[fd00::1]:31003", true),
    ("http://[fd00:0::1]:31003", true), ("http://127.0.0.1:4200", false),
  ])
  func ownEndpointsNeedNoGrant(_ url: String, _ isReached: Bool) throws {
    for grants in [try grants(), try grants(["shell"], stack: []), try grants(regular: ["shell"], isRegular: true)] {
      #expect((grants.denial(of: try get(url), own: own) == nil) == isReached)
    }
  }

  @Test(arguments: [
    // server's list, URL, address that the host stands for, may be connected to
    (["http:*.internal"], "http://a.internal", "10.0.0.1", true),
    (["http:*.internal"], "http://a.internal", "127.0.0.1", false),
    (["http:*.internal"], "http://a.internal", "::1", false),
    (["http:*.internal"], "http://a.internal", "169.254.169.254", false),
    (["http:*.internal"], "http://a.internal", "0.0.0.0", false),
    (["http:*.internal"], "http://a.internal", "64:ff9b::7f00:1", false),
    (["*"], "http://a.internal", "127.0.0.1", false), (["http"], "http://a.internal", "127.0.0.1", false),
    (["http:*"], "http://a.internal", "127.0.0.1", false), (["*"], "http://a.internal", "10.0.0.1", true),
    (["http:a.internal", "http:127.0.0.1:80"], "http://a.internal", "127.0.0.1", true),
    (["http:a.internal", "http:127.0.0.1:81"], "http://a.internal", "127.0.0.1", false),
    (["http:a.internal", "http:127.0.0.0/8"], "http://a.internal", "127.0.0.1", true),
    (["http:localhost"], "http://localhost", "127.0.0.1", true), (["http:localhost"], "http://localhost", "::1", true),
    (["http:localhost:81"], "http://localhost", "127.0.0.1", false),
    (["http:local*"], "http://localhost", "127.0.0.1", false), (["*"], "http://localhost", "127.0.0.1", false),
    (["http:localhost", "http:a.internal"], "http://a.internal", "127.0.0.1", false),
    (["http:0.0.0.0/0"], "http://127.0.0.1", "127.0.0.1", true),
    (["http:10.0.0.0/8"], "http://10.0.0.1", "10.0.0.1", true),
    (["http:10.0.0.0/8"], "http://10.0.0.1", "10.0.0.2", false),
  ])
  func addressesOfGrantedHosts(_ server: [String], _ url: String, _ address: String, _ isReached: Bool) throws {
    let grants = try grants(server)
    let operation = try get(url)
    let address = try #require(NetworkAddress(v4: address) ?? NetworkAddress(v6: address))
    #expect((grants.denial(of: operation) == nil && grants.allows(address, of: operation)) == isReached)
  }

  @Test func anAddressInAURLIsAskedBeforeItIsConnectedTo() throws {
    #expect(try grants(["*"]).denial(of: try get("http://127.0.0.1:80"))?.by == .server)
    #expect(try grants(["*"]).denial(of: try get("http://169.254.169.254"))?.by == .address)
    #expect(try grants(["http:127.0.0.1:80"]).denial(of: try get("http://127.0.0.1")) == nil)
    #expect(
      try grants(["http:127.0.0.1:80"], stack: ["http:*:81"]).denial(of: try get("http://127.0.0.1"))?.by == .stack)
    #expect(try grants(["http:127.0.0.1:80"], stack: ["http"]).denial(of: try get("http://127.0.0.1")) == nil)
  }

  @Test func methodsAreGrantedByThemselves() throws {
    let grants = try grants(["http.get:a.internal"])
    #expect(grants.denial(of: try get("http://a.internal")) == nil)
    #expect(grants.denial(of: try get("http://a.internal", "http.post"))?.by == .server)
  }

  /// A grant by name is no grant of an address, and the other way round: who grants a network has not granted names.
  @Test func namesAndAddressesAreGrantedApart() throws {
    #expect(try grants(["http:10.0.0.0/8"]).denial(of: try get("http://a.internal"))?.by == .server)
    #expect(try grants(["http:*.internal"]).denial(of: try get("http://10.0.0.1"))?.by == .server)
  }

  @Test func nothingElseConnects() throws {
    let address = try #require(NetworkAddress(v4: "10.0.0.1"))
    #expect(!(try grants(["*"]).allows(address, of: .shell)))
  }
}
