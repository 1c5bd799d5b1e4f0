import StackModel

/// What a script is about to do, as grants see it.
package struct ScriptOperation: Sendable, Hashable {
  /// What it works on.
  package enum Resource: Sendable, Hashable {
    /// Nothing in particular, or everything.
    case none
    /// Such as the id of an application.
    case text(String)
    case endpoint(HTTPEndpoint)
  }

  /// `marathon.deploy`.
  package let name: String
  package let resource: Resource

  package init(_ name: String, _ resource: Resource = .none) {
    self.name = name
    self.resource = resource
  }

  /// What a shell hook is, and `shell.run`.
  package static let shell = ScriptOperation("shell.run")

  var isShell: Bool { name.hasPrefix("shell.") }
  var isHTTP: Bool { name.hasPrefix("http.") }

  func isCovered(by grant: Grant) -> Bool {
    switch resource {
    case .none: grant.covers(operation: name, resource: nil)
    case .text(let text): grant.covers(operation: name, resource: text)
    case .endpoint(let endpoint): grant.covers(operation: name, host: endpoint.host, port: endpoint.port)
    }
  }
}

extension ScriptOperation: CustomStringConvertible {
  package var description: String {
    switch resource {
    case .none: name
    case .text(let text): "\(name):\(text)"
    case .endpoint(let endpoint): "\(name):\(endpoint)"
    }
  }
}
