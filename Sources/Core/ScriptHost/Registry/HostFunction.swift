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
    /// The answer, with which what the call writes into the store becomes durable: one commit, so that there is never a doubt.
    case commit
    /// When it began: a wait that is taken up again ends when it would have ended. Nothing happens meanwhile.
    case wait
    /// That it is about to happen, and what came of it.
    case effect(inDoubt: InDoubt)
    /// One of the others but the first, by the arguments.
    case depends(@Sendable (JSONObject) -> Recording)
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
  /// The codes of errors that it raises beside `invalid_argument`, `denied`, `cancelled`, `budget_exceeded` and `internal`, which every
  /// function may.
  package let errors: [HostCallFailure.Code]
  /// Sentences for the reference page and for editors.
  package let doc: String
  package let recording: Recording
  /// What scripts call instead of the bare function.
  package let wrapper: HostWrapper?
  /// Whether scripts have it also in the form `module.try_name`, which returns nil and the error instead of raising it.
  private(set) var hasTryForm = false
  /// Whether small arguments can make much work.
  private var maySwell = false
  /// What it works on, for a function that is called only where it is granted; nil for one whose effect stays inside the run.
  private var resource: (@Sendable (JSONObject) -> ScriptOperation.Resource)?
  /// What types cannot say of the arguments, which have their types already.
  private(set) var furtherCheck: (@Sendable (JSONObject) throws(HostCallFailure) -> Void)?
  private var shownArguments: (@Sendable (JSONObject) -> String)?

  package init(
    _ name: String, _ parameters: [HostField] = [], returns result: HostType? = nil,
    phases: Set<Phase> = Set(Phase.allCases), errors: [HostCallFailure.Code] = [], recording: Recording,
    wrapper: HostWrapper? = nil, doc: String
  ) {
    self.name = name
    self.parameters = parameters
    self.result = result
    self.phases = phases
    self.errors = errors
    self.doc = doc
    self.recording = recording
    self.wrapper = wrapper
  }

  package var isPure: Bool {
    if case .pure = recording { true } else { false }
  }

  /// - Parameter arguments: checked.
  package func recording(of arguments: JSONObject) -> Recording {
    if case .depends(let choose) = recording { choose(arguments) } else { recording }
  }

  /// Whether it is computed in a time that follows from the size of its arguments, and at once for small ones.
  var isQuick: Bool { isPure && !maySwell }

  var needsGrant: Bool { resource != nil }

  /// What grants are asked for before it is performed; nil for what needs none.
  /// - Parameter arguments: checked.
  package func operation(_ arguments: JSONObject) -> ScriptOperation? {
    resource.map { ScriptOperation(name, $0(arguments)) }
  }

  /// The arguments as people may see them: without those that may be secrets.
  /// - Parameter arguments: checked.
  package func shown(_ arguments: JSONObject) -> String {
    shownArguments?(arguments) ?? JSON.object(arguments).canonical.text
  }
}

extension HostFunction {
  /// The same, to be called only where it is granted.
  func granted(_ resource: @escaping @Sendable (JSONObject) -> ScriptOperation.Resource) -> HostFunction {
    var function = self
    function.resource = resource
    return function
  }

  /// The same, with a check behind that of the types.
  func checked(_ check: @escaping @Sendable (JSONObject) throws(HostCallFailure) -> Void) -> HostFunction {
    var function = self
    function.furtherCheck = check
    return function
  }

  /// The same, with arguments that are shown in another way than as they are.
  func shown(_ show: @escaping @Sendable (JSONObject) -> String) -> HostFunction {
    var function = self
    function.shownArguments = show
    return function
  }

  /// The same, of which small arguments can make much work.
  func swelling() -> HostFunction {
    var function = self
    function.maySwell = true
    return function
  }

  /// The same, also as one that returns nil and the error.
  func withTryForm() -> HostFunction {
    var function = self
    function.hasTryForm = true
    return function
  }

  /// `http.try_get` of `http.get`; nil where there is none.
  var tryName: String? {
    guard hasTryForm, let dot = name.firstIndex(of: ".") else { return nil }
    return name[...dot] + "try_" + name[name.index(after: dot)...]
  }
}

/// Lua before a function of the host, for what only the script's side can do: call a function of the script's, or make text of any value.
package struct HostWrapper: Sendable {
  /// How the script's arguments differ from the host's.
  package enum Arguments: Sendable, Hashable {
    /// A function comes last, which does not reach the host. Its type is an annotation, in which `T` is what it returns.
    case callback(name: String, type: String, doc: String)
    /// A list of functions in place of the host's parameters.
    case functions(name: String, doc: String)
    /// Any values in place of the host's parameters.
    case values(doc: String)
  }

  package let arguments: Arguments
  /// An expression of Lua, a function of the script's arguments. It sees what `ScriptPrelude` says, and `call`, the bare function.
  package let source: String
  /// The functions that `source` calls beside its own: without them the script does not get this one.
  package let uses: [String]

  package init(_ arguments: Arguments, uses: [String] = [], source: String) {
    self.arguments = arguments
    self.uses = uses
    self.source = source
  }
}
