import StackAPI
import StackModel

/// Why the catalog of stacks did not do what it was asked.
struct StackCatalogError: Error, Sendable, Hashable {
  enum Reason: Sendable, Hashable {
    /// Also what is wrong with the files that came with it, a sentence each.
    case invalid([Diagnostic], files: [String], originalText: String?)
    /// It is Lua, and nothing here runs Lua: a sentence.
    case noScripts(String)
    case exists
    case unnamed
    case parentMissing(String)
    case inheritance(InheritanceError)
    case notFound(revision: Int?)
    case fileNotFound(String, revision: Int, nearest: String?)
    /// The key was used for another addition, which made this revision.
    case keyReused(String, revision: Int)
    case hasChildren([String])
  }

  var stack: String
  var reason: Reason

  init(_ stack: String, _ reason: Reason) {
    self.stack = stack
    self.reason = reason
  }
}

extension Refusal {
  init(catalog error: StackCatalogError) {
    switch error.reason {
    case .invalid(let diagnostics, let files, let originalText):
      let errors = diagnostics.filter { $0.severity == .error }.count + files.count
      let message =
        errors > 0
        ? "the stack is not stored: \(errors == 1 ? "it has a mistake" : "it has \(errors) mistakes")"
        : "the stack is not stored: it has warnings, and none are allowed"
      self.init(
        422,
        APIError(
          .invalid, message, details: Self.atMost(100, files), diagnostics: diagnostics.map(APIDiagnostic.init)),
        originalText: originalText ?? diagnostics.text)
    case .noScripts(let reason):
      self.init(503, APIError(.unavailable, "stacks that are Lua cannot be added: \(reason)"))
    case .exists:
      self.init(409, APIError(.conflict, "Stack \(error.stack) already exists"))
    case .unnamed:
      self.init(422, APIError(.invalid, "the stack has no name: without one it can be neither shown nor run"))
    case .parentMissing(let parent):
      self.init(422, APIError(.invalid, "Parent stack \(parent) does not exist"))
    case .inheritance(let error):
      self.init(422, APIError(.invalid, error.description))
    case .notFound(let revision):
      let what = revision.map { "Stack \(error.stack) has no revision \($0)" } ?? "Stack \(error.stack) does not exist"
      self.init(404, APIError(.notFound, what))
    case .fileNotFound(let path, let revision, let nearest):
      let hint = nearest.map { " (did you mean \(APIFileRules.shown($0))?)" } ?? ""
      self.init(
        404,
        APIError(
          .notFound, "Stack \(error.stack), revision \(revision), has no file \(APIFileRules.shown(path))\(hint)"))
    case .keyReused(let key, let revision):
      self.init(
        422,
        APIError(
          .keyReused,
          "the key \"\(key)\" stands for revision \(revision) of stack \(error.stack), which was added in another way; "
            + "take a new key for a new request"))
    case .hasChildren(let children):
      self.init(
        409,
        APIError(
          .conflict, "There are stacks depending on \(error.stack). Either remove them first or force deletion.",
          details: children),
        originalText: "There are stacks depending on \(error.stack). Either remove them first or force deletion. "
          + "Dependant stacks:\n" + children.joined(separator: "\n"))
    }
  }

  private static func atMost(_ count: Int, _ sentences: [String]) -> [String] {
    guard sentences.count > count else { return sentences }
    return sentences.prefix(count) + ["and \(sentences.count - count) more"]
  }
}
