import Concurrency
import Engine
import StackAPI
import StackModel
import Store
import Telemetry

/// Brings the bootstrap stack up.
///
/// Which run it is follows from what is stored: the newest run of the stack that this user has started. So a server that
/// was killed at any moment finds the run that it had begun, and none is repeated that has succeeded with the same contents.
struct Bootstrap: Sendable {
  /// Who starts the run; no user can be called so.
  static let user = "bootstrap"

  private let addition: StackCatalog.Addition
  private let services: Services
  /// What the stack finds on the cluster under its ids: a server that keeps nothing does not know its own any more.
  private let existing: RunRequest.Existing

  private static let logger = Logger("bootstrap")

  struct Begun: Sendable, Hashable {
    /// Has to succeed before the server serves.
    var run: RunID
    /// Of former contents, and not over yet.
    var former: [RunID]
  }

  init(_ stack: BootstrapStack, services: Services, existing: RunRequest.Existing) {
    addition = services.catalog.completed(
      StackCatalog.Addition(
        source: stack.source, file: stack.file,
        files: stack.files.sorted { $0.key < $1.key }.map { UploadedFile(path: $0.key, content: $0.value) },
        replace: true, user: Self.user))
    self.services = services
    self.existing = existing
  }

  /// - Returns: nil where a run has succeeded already.
  /// - Throws: `BootstrapError` where the stack cannot be stored or run; `StoreError`, `EngineError`.
  func begin() async throws -> Begun? {
    guard let name = try await explain({ try await services.catalog.name(of: addition) }) else {
      // Without a name there may still be more that is wrong with it.
      try await explain { _ = try await store(over: nil) }
      throw BootstrapError(.refused, "the bootstrap stack \(addition.file) has no name")
    }
    if let former = try await newestRun(of: name) {
      let status = try await services.engine.status(former)
      let isSame = try await services.store.stack(named: name, revision: status.revision).map(addition.isSame) ?? false
      switch status.state {
      case .succeeded where isSame:
        Self.logger.info(
          "the bootstrap stack has been run with the same contents; it is not run again",
          ["stack": name, "run": "\(former)"])
        return nil
      case .queued where isSame, .running where isSame, .blocked where isSame:
        Self.logger.info("goes on with the run that a former server has begun", ["stack": name, "run": "\(former)"])
        return try await begun(former, of: name)
      default: break
      }
    }
    let run = try await explain {
      let revision = try await store(over: name)
      let run = try await services.engine.submit(
        RunRequest(
          stack: name, revision: revision, maxWait: services.defaults.maxWait, existing: existing,
          lockWait: services.defaults.lockWait, user: Self.user, role: .admin))
      services.metrics.submitted(kind: RunRecord.Kind.deploy.rawValue)
      Self.logger.info("runs the bootstrap stack", ["stack": name, "revision": "\(revision)", "run": "\(run)"])
      return run
    }
    return try await begun(run, of: name)
  }

  private func begun(_ run: RunID, of name: String) async throws -> Begun {
    let former = try await services.store.unfinishedRuns().filter {
      $0.stack == name && $0.createdBy == Self.user && $0.id != run
    }
    return Begun(run: run, former: former.map(\.id))
  }

  private func newestRun(of name: String) async throws -> RunID? {
    var token: PageToken?
    repeat {
      let page = try await services.store.runs(matching: RunFilter(stack: name, zone: ""), after: token, limit: 100)
      if let run = page.elements.first(where: { $0.kind == .deploy && $0.createdBy == Self.user }) { return run.id }
      token = page.next
    } while token != nil
    return nil
  }

  /// Adds the stack, or a new revision of it, unless the latest one is the same.
  private func store(over name: String?) async throws -> Int {
    if let name, let latest = try await services.store.stack(named: name, revision: nil),
      addition.isSame(as: latest)
    {
      return latest.revision
    }
    let added = try await services.catalog.add(addition)
    for warning in added.warnings { Self.logger.warning("\(warning)") }
    Self.logger.info(
      "stored the bootstrap stack", ["stack": added.record.name, "revision": "\(added.record.revision)"])
    return added.record.revision
  }

  /// What is wrong with the stack is told with all its mistakes, as `add` and `run` do.
  private func explain<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch let error where error is StackCatalogError || (error as? EngineError)?.isRefusal == true {
      let refusal = Refusal(error).error
      let lines = refusal.diagnostics.map { "\($0)" } + refusal.details.map { "  \($0)" }
      throw BootstrapError(
        .refused,
        (["the bootstrap stack \(addition.file) cannot be run: \(refusal.message)"] + lines).joined(separator: "\n"))
    }
  }
}

extension EngineError {
  /// Whether it is the stack that is wrong.
  fileprivate var isRefusal: Bool {
    switch code {
    case .stackNotFound, .zoneNotFound, .invalid: true
    case .locked, .runNotFound, .conflict, .otherRequest, .unavailable, .store: false
    }
  }
}
