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
  /// Done twice, the second time right after the first, where that must do no harm (`FaultPoint.mayBeDoneTwice`).
  case twice
}

/// Decides at every point whether something goes wrong there.
package protocol FaultGate: Sendable {
  func pass(_ point: FaultPoint) async -> Fault?
}

extension FaultPoint {
  /// Whatever can go wrong here while the server lives on.
  package var faults: [Fault] { troubles + (mayBeDoneTwice ? [.twice] : []) }

  private var troubles: [Fault] {
    switch (kind, moment) {
    case (.commit, _): [.unavailable, .failed]
    case (.look, _): [.unavailable, .undecided, .unintelligible]
    case (.effect, _) where isRequest: [.unavailable, .undecided]
    case (.effect, .before):
      isOfHookOrTask ? [.failed] : [.unavailable, .undecided, .failed, .locked, .invalid, .unintelligible]
    case (.effect, .after): name.hasPrefix("hook") ? [] : [.undecided, .failed, .unintelligible]
    case (.end, _): [.failed, .undecided]
    }
  }

  /// Whether the contract of the port says that doing this twice comes to the same as doing it once.
  ///
  /// - A write may have been carried out although it failed, and is made again: its version, sequence, epoch or key tells.
  ///   A run that is created without a key is another run each time, a stack or a user that is added is there then.
  /// - What is asked may be asked again, the end of a hook too.
  /// - A hook is known by its key, and starts once. A task has nothing of the kind: whether one was carried out that may
  ///   have been is for a person to say, and it is never begun a second time by anything else.
  /// - A request of a script is repeated by its method, as after the end of a server.
  /// - Of a change of the cluster the port says that it is never repeated by itself. What may come twice is the request on
  ///   its way: the second finds the application there, held or gone, and the first is the one that is answered.
  package var mayBeDoneTwice: Bool {
    guard moment == .before else { return false }
    return switch kind {
    case .commit: !["run of ", "stack ", "user "].contains { name.hasPrefix($0) }
    case .look, .end: true
    case .effect where isRequest: ["GET", "HEAD", "PUT", "DELETE"].contains { name.hasPrefix("request \($0) ") }
    case .effect: !name.hasPrefix("task ")
    }
  }

  private var isRequest: Bool { name.hasPrefix("request ") }
  private var isOfHookOrTask: Bool { ["hook ", "task ", "end hook "].contains { name.hasPrefix($0) } }
}
