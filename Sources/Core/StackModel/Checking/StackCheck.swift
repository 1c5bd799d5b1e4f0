/// What `add` and `check` say of a stack's source: everything that is wrong, and everything that looks wrong, at once.
///
/// Errors are what can never become right: no YAML, a value of the wrong type, a value that is impossible whatever the
/// stack is merged with. The rest are warnings, since a parent or a layer need not be complete; what a run needs is
/// validated after the merge.
package struct StackCheck: Sendable {
  package struct Options: Sendable {
    /// The types of applications that are known, from the task runners. `nil`: types are not looked at.
    package var knownTypes: Set<String>?
    /// The parent that the source's `from` names, with its own parents merged; dependencies may name its applications.
    /// Without it, a source that has a `from` is not asked for unknown dependencies.
    package var parent: Stack?
    /// What scripts can call that needs a grant, such as `marathon.deploy`. `nil`: grants for something else are not told.
    package var knownOperations: [String]?
    /// A layer is laid under stacks that it does not know, so its dependencies cannot be looked up.
    package var isLayer = false
    /// The paths of the files that come with the source, which its hooks may run. `nil`: they are not looked for.
    package var files: Set<String>?
    package var limits = YAMLLimits.default

    package init(knownTypes: Set<String>? = nil, parent: Stack? = nil, isLayer: Bool = false) {
      self.knownTypes = knownTypes
      self.parent = parent
      self.isLayer = isLayer
    }
  }

  /// `nil` where there are errors.
  package let stack: Stack?
  /// In the order of the file.
  package let diagnostics: [Diagnostic]
  /// What the original answers where it refuses the same source, for its own API; `nil` where it would take it.
  package let originalError: String?

  /// Checks a source. Nothing is looked up: what is needed from elsewhere is in the options.
  ///
  /// - Parameter file: The name that diagnostics give the source.
  package static func check(_ source: [UInt8], file: String = "", options: Options = Options()) -> StackCheck {
    check(StackDecoding(source, file: file, limits: options.limits), file: file, options: options)
  }

  /// Checks what has been read from a source, of YAML or Lua.
  package static func check(_ decoding: StackDecoding, file: String = "", options: Options = Options()) -> StackCheck {
    var diagnostics = decoding.diagnostics
    var stack = decoding.stack
    if let written = decoding.stack {
      var values = ValueCheck(stack: written, sourceMap: decoding.sourceMap, file: file, options: options)
      if decoding.isLua {
        diagnostics += values.addReferences()
        stack = values.stack
      }
      diagnostics += values.errors() + values.warnings()
    }
    return StackCheck(
      stack: diagnostics.hasErrors ? nil : stack, diagnostics: diagnostics.sorted(),
      originalError: decoding.originalError)
  }

  /// Whether the stack may be stored; `strict` refuses warnings as well.
  package func isAccepted(strict: Bool) -> Bool {
    strict ? diagnostics.isEmpty : !diagnostics.hasErrors
  }
}
