/// A moment in a server's life at which something may go wrong: just before or just after it writes to the store, changes
/// the world, or looks at it.
package struct FaultPoint: Sendable, Hashable, CustomStringConvertible {
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A write to the store.
    case commit
    /// A change of the world outside: the cluster, a hook, a task.
    case effect
    /// A question to the cluster or the store.
    case look
    /// The end of something that was started before: a hook.
    case end
  }

  package enum Moment: String, Sendable, Hashable, CaseIterable {
    case before, after
  }

  package var kind: Kind
  package var moment: Moment
  /// `create /a`, `journal a/launch intent`.
  package var name: String

  package init(_ kind: Kind, _ moment: Moment, _ name: String) {
    self.kind = kind
    self.moment = moment
    self.name = name
  }

  package var description: String { "\(moment.rawValue) \(name)" }
}

/// What goes wrong at a point. Each decorator says it in the words of its port.
package enum Fault: String, Sendable, Hashable, CaseIterable {
  /// The server is no more: nothing that it does from here on reaches anything.
  case gone
  /// Not now: nothing was done. After the act: it was done, and the answer says that it was not possible.
  case unavailable
  /// No answer tells whether it was done.
  case undecided
  /// An answer that says that it failed.
  case failed
  /// Another deployment holds the application.
  case locked
  /// Refused for good.
  case invalid
  /// An answer that makes no sense.
  case unintelligible
}

/// Decides at every point whether something goes wrong there.
package protocol FaultGate: Sendable {
  func pass(_ point: FaultPoint) async -> Fault?
}

extension FaultPoint {
  /// Whatever can go wrong here while the server lives on.
  package var faults: [Fault] {
    switch (kind, moment) {
    case (.commit, _): [.unavailable, .failed]
    case (.look, _): [.unavailable, .undecided, .unintelligible]
    case (.effect, .before):
      name.hasPrefix("hook") || name.hasPrefix("task") || name.hasPrefix("end hook")
        ? [.failed] : [.unavailable, .undecided, .failed, .locked, .invalid, .unintelligible]
    case (.effect, .after): name.hasPrefix("hook") ? [] : [.undecided, .failed, .unintelligible]
    case (.end, _): [.failed, .undecided]
    }
  }
}
