package import ScriptHost
package import StackModel

/// Looks at stacks before anything is stored: the one way for `add`, which has a store to look parents up in, and `check`, which has none.
package struct StackExaminer: Sendable {
  /// What runs the files of stacks that are Lua, or why nothing does.
  private let scripts: Result<ScriptHost, ScriptFailure>
  /// Files that every stack with scripts gets beside its own.
  private let library: [ScriptModule]

  package init(scripts: Result<ScriptHost, ScriptFailure>, library: [ScriptModule] = []) {
    self.scripts = scripts
    self.library = library
  }

  /// A stack with what it gets from the library, beside what came.
  package func completed(_ stack: UploadedStack) -> UploadedStack {
    guard !library.isEmpty, stack.hasScripts else { return stack }
    var completed = stack
    let own = Set(stack.files.map(\.path) + [stack.entry].compactMap(\.self))
    completed.files += library.filter { !own.contains($0.path) }.map { UploadedFile(path: $0.path, content: $0.source) }
    return completed
  }

  /// What the source says; one that is Lua is run, with the files that came along.
  /// - Throws: where nothing can run it.
  func decoding(of stack: UploadedStack) async throws(ScriptFailure) -> StackDecoding {
    let source = Array(stack.source.utf8)
    guard let entry = stack.entry else { return StackDecoding(source, file: stack.file) }
    let modules = stack.contents.compactMap { ScriptModule(path: $0.path, source: $0.content) }
    return try await scripts.get().decoding(
      of: StackSource(name: entry, source: source, modules: modules), file: stack.file)
  }

  /// Reads a stack, and its scripts without running them.
  /// - Parameter stack: completed.
  /// - Throws: where it is Lua and nothing can run it.
  package func read(_ stack: UploadedStack) async throws(ScriptFailure) -> ReadStack {
    var read = ReadStack(stack)
    read.decoding = try await decoding(of: read.uploaded)
    let found = StackScripts(
      of: read.decoding, entry: stack.entry, files: read.uploaded.contents, file: stack.file)
    guard !found.isEmpty else { return read }
    do throws(ScriptFailure) {
      read.decoding.diagnostics += try await scripts.get().diagnostics(of: found)
    } catch {
      if error.kind == .cancelled { throw error }
      read.unreadScripts = error
    }
    return read
  }
}

/// A stack that has been read, to be checked as soon as it is known what it inherits.
package struct ReadStack: Sendable {
  /// With its source among the files, if that is Lua.
  package private(set) var uploaded: UploadedStack
  package fileprivate(set) var decoding = StackDecoding(diagnostics: [])
  /// What is wrong with the files that came along, a sentence each.
  package let fileProblems: [String]
  /// Why nobody has looked at the scripts of its hooks.
  package fileprivate(set) var unreadScripts: ScriptFailure?

  fileprivate init(_ stack: UploadedStack) {
    uploaded = stack
    fileProblems = uploaded.takeEntry() + UploadedFile.problems(of: uploaded.files)
  }

  /// - Parameter parent: with its own parents merged; nil where it has none, or one that is not known.
  package func check(parent: Stack?) -> StackCheck {
    var options = StackCheck.Options(knownTypes: KnownTypes.all, parent: parent, isLayer: uploaded.isLayer)
    options.knownOperations = HostFunctions.operations
    options.files = Set(uploaded.files.map(\.path))
    return StackCheck.check(decoding, file: uploaded.file, options: options)
  }
}
