/// The variables of a run, in four scopes. A name is looked up in the stack's, then in those of `run --var`, then in
/// those of `server --var`, last in what the stack declares as defaults.
package struct Variables: Sendable, Hashable {
  package enum Scope: String, Sendable, Hashable, CaseIterable {
    /// Set by the run itself: `stack`, `zone`, `mesos.master`, and what task runners add.
    case stack
    /// `--var` of `run`.
    case arbitrary
    /// `--var` of `server`.
    case global
    /// The defaults that the stack declares.
    case declared
  }

  package var stack: OrderedMap<String>
  package var arbitrary: OrderedMap<String>
  package var global: OrderedMap<String>
  package var declared: OrderedMap<String>
  /// The names whose values must appear in no log, event, error or answer.
  package var secrets: Set<String>

  package init(
    stack: OrderedMap<String> = [:], arbitrary: OrderedMap<String> = [:], global: OrderedMap<String> = [:],
    declared: OrderedMap<String> = [:], secrets: Set<String> = []
  ) {
    self.stack = stack
    self.arbitrary = arbitrary
    self.global = global
    self.declared = declared
    self.secrets = secrets
  }

  package subscript(scope: Scope) -> OrderedMap<String> {
    get {
      switch scope {
      case .stack: stack
      case .arbitrary: arbitrary
      case .global: global
      case .declared: declared
      }
    }
    set {
      switch scope {
      case .stack: stack = newValue
      case .arbitrary: arbitrary = newValue
      case .global: global = newValue
      case .declared: declared = newValue
      }
    }
  }

  /// The value that counts, as it was set, and the scope that it is from.
  package func lookup(_ name: String) -> (value: String, scope: Scope)? {
    for scope in Scope.allCases {
      if let value = self[scope][name] { return (value, scope) }
    }
    return nil
  }

  /// Every name once, in the order of lookup.
  package var names: [String] {
    var seen: Set<String> = []
    return Scope.allCases.flatMap { self[$0].keys }.filter { seen.insert($0).inserted }
  }

  /// The same variables with `<secret NAME>` for the values of secret ones: what it substitutes may be shown.
  package var masked: Variables {
    var masked = self
    for scope in Scope.allCases {
      for name in masked[scope].keys where secrets.contains(name) {
        masked[scope][name] = "<secret \(name)>"
      }
    }
    return masked
  }
}

extension Variables: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Names only: a value may be a secret that nobody marked.
  package var description: String {
    let scopes = Scope.allCases.map { "\($0.rawValue): \(self[$0].keys.joined(separator: ", "))" }
    return "Variables(\(scopes.joined(separator: "; ")))"
  }

  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
