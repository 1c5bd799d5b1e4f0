import Concurrency
import ScriptHost
import StackAPI
import StackModel
import Store

/// Adds, shows and removes stored stacks and layers, for both APIs.
struct StackCatalog: Sendable {
  struct Addition: Sendable {
    var source: String
    var file = ""
    /// What comes with it, in any order.
    var files: [UploadedFile] = []
    var replace = false
    var strict = false
    var level: LayerLevel?
    /// In place of the source's `from`.
    var parent: String?
    var condition = StackCondition.none
    var submission: Submission?
    var user: String
  }

  struct Added: Sendable {
    var record: StackRecord
    var warnings: [Diagnostic] = []
    /// Whether the same submission has added this revision before.
    var isReplayed = false
  }

  let store: any Store
  let time: any TimeSource
  /// Whether `add` refuses a stack without a name, or whose parent is not stored, as the original does with a database;
  /// without one (`--dev`) it does not.
  let isLasting: Bool
  /// What runs the files of stacks that are Lua, or why nothing does.
  let scripts: Result<ScriptHost, ScriptFailure>
  /// Files that every stack with scripts gets beside its own.
  var library: [ScriptModule] = []

  private var examiner: StackExaminer { StackExaminer(scripts: scripts, library: library) }

  /// An addition with what is stored beside what came. A stack keeps the library that there was when it was added.
  func completed(_ addition: Addition) -> Addition {
    var completed = addition
    completed.files = examiner.completed(addition.uploaded).files
    return completed
  }

  /// - Throws: `StackCatalogError`, `StoreError`.
  func add(_ addition: Addition) async throws -> Added {
    let uploaded = completed(addition).uploaded
    let read = try await examined { () throws(ScriptFailure) in try await examiner.read(uploaded) }
    let written = read.decoding.stack
    if let submission = addition.submission, let name = written?.name,
      let before = try await store.submittedRevision(
        of: name, key: submission.key, user: submission.user, since: time.now() - Submission.lifetime)
    {
      return try await added(before: before.revision, of: name, before.digest, submission)
    }
    var parent: Stack?
    if let written { parent = try await self.parent(of: definition(written, addition)) }
    let check = read.check(parent: parent)
    guard check.isAccepted(strict: addition.strict), read.fileProblems.isEmpty, let checked = check.stack else {
      throw StackCatalogError(
        written?.name ?? "",
        .invalid(check.diagnostics, files: read.fileProblems, originalText: check.originalError))
    }
    let stack = definition(checked, addition)
    guard !isLasting || !stack.name.isEmpty else { throw StackCatalogError("", .unnamed) }
    let latest = try await store.stack(named: stack.name, revision: nil)
    try addition.condition.check(stack.name, latest)
    guard latest == nil || addition.replace else { throw StackCatalogError(stack.name, .exists) }
    let files = read.uploaded.contents.map { (path: $0.path, content: FileContent($0.content)) }
    let record = StackRecord(
      name: stack.name, revision: (latest?.revision ?? 0) + 1, source: addition.source, file: addition.file,
      stack: stack, level: addition.level, addedAt: time.now(), addedBy: addition.user,
      files: files.map { StackFile(path: $0.path, $0.content) })
    do {
      let creation = try await store.add(record, contents: files.map(\.content), submission: addition.submission)
      // Somebody else came first with the key.
      if case .submittedBefore(let revision, let digest) = creation, let submission = addition.submission {
        return try await added(before: revision, of: stack.name, digest, submission)
      }
    } catch let error as StoreError {
      guard error.code == .exists else { throw error }
      if addition.condition != .none {
        throw StackCondition.failed("Stack \(stack.name) is being changed by somebody else")
      }
      throw StackCatalogError(stack.name, .exists)
    }
    return Added(record: record, warnings: check.diagnostics.warnings)
  }

  /// What the stack is called that would be added; nil where it does not say.
  /// - Parameter addition: completed.
  /// - Throws: `StackCatalogError`, `CancellationError`.
  func name(of addition: Addition) async throws -> String? {
    let uploaded = addition.uploaded
    let name = try await examined { () throws(ScriptFailure) in try await examiner.decoding(of: uploaded) }.stack?.name
    return name?.isEmpty == false ? name : nil
  }

  private func examined<Result>(_ body: () async throws(ScriptFailure) -> Result) async throws -> Result {
    do throws(ScriptFailure) {
      return try await body()
    } catch {
      if error.kind == .cancelled { throw CancellationError() }
      throw StackCatalogError("", .noScripts(error.message))
    }
  }

  /// What an addition with the same key has made. Its warnings were told then.
  private func added(
    before revision: Int, of name: String, _ digest: String, _ submission: Submission
  ) async throws -> Added {
    guard digest == submission.digest else {
      throw StackCatalogError(name, .keyReused(submission.key, revision: revision))
    }
    return Added(record: try await show(name, revision: revision), isReplayed: true)
  }

  private func definition(_ stack: Stack, _ addition: Addition) -> Stack {
    var stack = stack
    if let parent = addition.parent, !parent.isEmpty { stack.from = parent }
    if let level = addition.level { stack.layer = level.rawValue }
    return stack
  }

  /// The merged parent of a stack that is to be added; nil where it has none, or one that is not stored and need not be.
  private func parent(of stack: Stack) async throws -> Stack? {
    guard !stack.from.isEmpty else { return nil }
    guard let parent = try await store.stack(named: stack.from, revision: nil) else {
      if isLasting { throw StackCatalogError(stack.name, .parentMissing(stack.from)) }
      return nil
    }
    do {
      // Through the new one, so that a cycle is found before it is stored.
      var chain = StackChain(stack)
      try chain.add(parent.definition)
      while let name = chain.missingParent {
        guard let next = try await store.stack(named: name, revision: nil) else {
          if isLasting { throw StackCatalogError(stack.name, .parentMissing(name)) }
          return nil
        }
        try chain.add(next.definition)
      }
      return Stack.merging(chain.stacks.dropFirst().reversed())
    } catch let error as InheritanceError {
      throw StackCatalogError(stack.name, .inheritance(error))
    }
  }

  /// - Throws: `StackCatalogError`, `StoreError`.
  func show(_ name: String, revision: Int? = nil) async throws -> StackRecord {
    guard let record = try await store.stack(named: name, revision: revision) else {
      throw StackCatalogError(name, .notFound(revision: revision))
    }
    return record
  }

  /// A file of a revision, of the latest where it is nil.
  /// - Throws: `StackCatalogError`, `StoreError`.
  func file(
    _ path: String, of name: String, revision: Int?
  ) async throws -> (record: StackRecord, file: StackFile) {
    let record = try await show(name, revision: revision)
    guard let file = record.file(at: path) else {
      // Looking for a near one among very many would cost more than the answer.
      let known = record.files.count <= 100 ? record.files.map(\.path) : []
      throw StackCatalogError(
        name,
        .fileNotFound(path, revision: record.revision, nearest: NearestName.to(path, among: known)))
    }
    return (record, file)
  }

  /// The bytes of a file that was found.
  /// - Throws: `StackCatalogError` where the stack has been removed meanwhile, `StoreError`.
  func bytes(of file: StackFile, in record: StackRecord) async throws -> [UInt8] {
    guard let bytes = try await store.contents([file.content], of: .stack(record.name))[file.content] else {
      throw StackCatalogError(record.name, .notFound(revision: record.revision))
    }
    return bytes
  }

  /// The stack with all that it inherits; as it is where a parent is not stored.
  func merged(_ record: StackRecord) async throws -> Stack {
    do {
      var merged = try await StackChain.complete(record.definition) { parent in
        try await store.stack(named: parent, revision: nil)?.definition
      }.merged
      // Merging takes the level of the first ancestor.
      merged.layer = record.definition.layer
      return merged
    } catch let error as InheritanceError {
      if case .missingParent = error.reason { return record.definition }
      throw StackCatalogError(record.name, .inheritance(error))
    }
  }

  /// Removes a stack; with force also those that inherit from it, before it. Returns the names in order.
  /// - Throws: `StackCatalogError`, `StoreError`, `Refusal` 412 where the condition does not hold.
  func remove(_ name: String, force: Bool, condition: StackCondition = .none) async throws -> [String] {
    let record = try await show(name)
    try condition.check(name, record)
    var order: [String] = []
    var seen: Set<String> = [name]
    var stack = [(name: name, children: try await store.children(of: name).filter { $0 != name })]
    if !force, let children = stack.last?.children, !children.isEmpty {
      throw StackCatalogError(name, .hasChildren(children))
    }
    // Children before parents, each once: parents may stand in a circle.
    while var last = stack.popLast() {
      if let child = last.children.popLast() {
        stack.append(last)
        if seen.insert(child).inserted { stack.append((child, try await store.children(of: child))) }
      } else {
        order.append(last.name)
      }
    }
    for name in order {
      do throws(StoreError) {
        // A revision that came after the check is not removed with what was looked at.
        let isConditional = condition != .none && name == order.last
        try await store.removeStack(named: name, ifLatest: isConditional ? record.revision : nil)
      } catch {
        if error.code == .changed { throw StackCondition.failed("Stack \(name) is being changed by somebody else") }
        // Somebody else may have removed a child meanwhile.
        guard error.code == .notFound, name != order.last else { throw error }
      }
    }
    return order
  }
}

extension StackCatalog.Addition {
  /// The part that is looked at.
  var uploaded: UploadedStack {
    UploadedStack(source: source, file: file, files: files, isLayer: level != nil)
  }

  /// Whether a revision has this source, and these files. What the file is called, and where, is no difference.
  func isSame(as record: StackRecord) -> Bool {
    var uploaded = uploaded
    _ = uploaded.takeEntry()
    guard record.source == source, record.level == level, record.files.count == uploaded.files.count else {
      return false
    }
    return uploaded.files.allSatisfy { file in
      guard let content = file.content else { return false }
      return record.file(at: file.path)?.content == FileContent(content).hash
    }
  }
}

extension StackRecord {
  /// What was written, with the parent and the level that it was added with.
  var definition: Stack {
    var definition = stack
    if let level { definition.layer = level.rawValue }
    return definition
  }
}
