package import JSON

/// One function of the host, described once: from this come the script's function, the check of its arguments, the annotations for editors,
/// and the reference page.
package struct HostFunction: Sendable {
  /// When a function may be called.
  package enum Phase: String, Sendable, Hashable, CaseIterable {
    /// The chunk of a stack runs, and nothing has an effect.
    case declare
    /// A hook of an application, in a run.
    case hook
    /// The function `run` of a stack that walks its graph itself.
    case run
  }

  /// What a replay needs of a call.
  package enum Recording: Sendable {
    /// Nothing: the answer follows from the arguments and the context, and this computes it.
    case pure(@Sendable (JSONObject, ScriptContext) -> HostAnswer)
    /// The answer. Asking again, where it was lost, is harmless.
    case answer
    /// That it is about to happen, and what came of it.
    case effect(inDoubt: InDoubt)
  }

  /// What is done about an effect of which it is not known whether it happened.
  package enum InDoubt: String, Sendable, Hashable {
    /// It is repeated, since twice is as good as once.
    case `repeat`
    /// The world is asked whether it happened.
    case settle
    /// A person decides.
    case block
  }

  /// `vars.set`, or a plain one such as `fail`.
  package let name: String
  package let parameters: [HostField]
  /// What it returns; nil for nothing.
  package let result: HostType?
  package let phases: Set<Phase>
  /// The codes of errors that it raises beside `invalid_argument`, `cancelled`, `budget_exceeded` and `internal`, which every function may.
  package let errors: [HostCallFailure.Code]
  /// Sentences for the reference page and for editors.
  package let doc: String
  package let recording: Recording

  package init(
    _ name: String, _ parameters: [HostField] = [], returns result: HostType? = nil,
    phases: Set<Phase> = Set(Phase.allCases), errors: [HostCallFailure.Code] = [], recording: Recording,
    doc: String
  ) {
    self.name = name
    self.parameters = parameters
    self.result = result
    self.phases = phases
    self.errors = errors
    self.doc = doc
    self.recording = recording
  }

  package var isPure: Bool {
    if case .pure = recording { true } else { false }
  }
}
