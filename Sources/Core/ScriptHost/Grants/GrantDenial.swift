import JSON

/// Why a script may not do something.
package struct GrantDenial: Error, Sendable, Hashable, CustomStringConvertible {
  /// Who does not let it.
  package enum By: String, Sendable, Hashable {
    case server, stack, role
    /// The server, with `--hooks.shell off`.
    case shellOff = "shell_off"
    /// Nobody could grant it.
    case address
  }

  package let operation: ScriptOperation
  package let by: By

  package init(_ operation: ScriptOperation, by: By) {
    self.operation = operation
    self.by = by
  }

  package var description: String {
    switch by {
    case .server: "\(operation) is not granted by the server (--script.grant)"
    case .stack: "\(operation) is not among the grants of the stack"
    case .role: "\(operation) is not granted to the role of who started the run (--script.grant.regular)"
    case .shellOff: "\(operation): the server runs no shell commands (--hooks.shell off)"
    case .address: "\(operation): no script reaches this address"
    }
  }

  /// As a script sees it.
  package var failure: HostCallFailure {
    var details: JSONObject = ["operation": .string(operation.name)]
    switch operation.resource {
    case .none: break
    case .text(let text): details["resource"] = .string(text)
    case .endpoint(let endpoint): details["resource"] = .string("\(endpoint)")
    }
    details["by"] = .string(by == .shellOff ? "server" : by.rawValue)
    return HostCallFailure(.denied, description, details: .object(details))
  }
}
