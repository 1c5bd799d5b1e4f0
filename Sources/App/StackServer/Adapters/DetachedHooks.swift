import Concurrency
package import Engine
import Glibc
import HTTPTypes
import Processes

/// Shell hooks as detached jobs: each in a folder of its own, named after its key, where it can be found again by the
/// next server.
package struct DetachedHooks: HookExecutor {
  private let root: String
  private let environment: [String: String]
  private let workingDirectory: String?
  private let user: HookUser?

  /// Bytes kept of each of a hook's two outputs.
  private static let outputLimit = 1 << 20
  /// Bytes of an output that become part of a result.
  private static let tailLimit = 8 << 10

  /// - Parameters:
  ///   - root: the folder of all hooks' folders.
  ///   - environment: what hooks see, as in the original that of the server.
  ///   - workingDirectory: nil: the server's, or where there is a user, `/`.
  ///   - user: who runs them; nil: the server's user.
  package init(
    root: String, environment: [String: String], workingDirectory: String? = nil, user: HookUser? = nil
  ) {
    self.root = root
    self.environment = environment.merging(user?.environment ?? [:]) { $1 }
    self.workingDirectory = workingDirectory ?? (user == nil ? nil : "/")
    self.user = user
  }

  private func job(_ key: HookKey) -> DetachedJob { DetachedJob(folder: folder(key)) }

  private func folder(_ key: HookKey) -> String {
    // Parts are percent-coded by the engine, but for dots, which would be steps.
    let parts = key.text.split(separator: "/").map { part in
      part.allSatisfy { $0 == "." } ? String(repeating: "%2E", count: part.count) : String(part)
    }
    return ([root] + parts).joined(separator: "/")
  }

  package func start(_ job: HookJob) async throws(HookError) {
    let detached = self.job(job.key)
    switch detached.state() {
    case .running, .unknown, .finished(.exited), .finished(.signalled), .finished(.cancelled): return
    case .finished(.failed), .notStarted: Folders.remove(detached.folder)
    }
    let script = "\(detached.folder)/script.sh"
    do {
      try Folders.make(detached.folder)
      try Folders.write(Array(job.script.utf8), to: script)
      try await DetachedJob.start(
        DetachedJob.Specification(
          executable: "sh", arguments: user == nil ? [script] : ["-c", job.script, "hook"],
          environment: environment.merging(job.environment) { $1 }, workingDirectory: workingDirectory,
          outputLimit: Self.outputLimit, user: user?.name),
        in: detached.folder)
    } catch {
      throw HookError("the hook \(job.title) cannot be started: \(error)")
    }
    if case .finished(.failed(let reason)) = detached.state() {
      throw HookError("the hook \(job.title) cannot be started: \(reason)")
    }
  }

  package func state(of key: HookKey) async -> HookState {
    let job = job(key)
    switch job.state() {
    case .running: return .running
    case .finished(let status): return result(status, job).map { .finished($0) } ?? .absent
    case .unknown: return .unknown
    case .notStarted: return .absent
    }
  }

  package func wait(for key: HookKey) async throws -> HookResult {
    let job = job(key)
    guard case .finished(let status) = try await job.wait(), let result = result(status, job) else {
      throw HookError(
        "the end of the hook \(key) is not known: its supervisor was ended from outside, or the machine went down")
    }
    return result
  }

  package func output(of key: HookKey, limit: Int) async -> HookOutput {
    let job = job(key)
    return HookOutput(
      output: Folders.end(of: job.standardOutputPath, limit: limit),
      error: Folders.end(of: job.standardErrorPath, limit: limit))
  }

  package func cancel(_ key: HookKey) async { job(key).cancel() }

  package func forget(_ key: HookKey) async {
    var folder = folder(key)
    Folders.remove(folder)
    // The folders above it, as far as nothing else is in them.
    while folder.count > root.count, let slash = folder.lastIndex(of: "/") {
      folder = String(folder[..<slash])
      guard folder.count > root.count, rmdir(folder) == 0 else { return }
    }
  }

  /// Nil for one that never ran.
  private func result(_ status: DetachedJob.Status, _ job: DetachedJob) -> HookResult? {
    let end: HookResult.Status
    switch status {
    case .exited(let code): end = .exited(code)
    case .signalled(let number): end = .signalled(number)
    case .cancelled: end = .cancelled
    case .failed: return nil
    }
    return HookResult(status: end, outputTail: output(of: job, limit: Self.tailLimit))
  }

  private func output(of job: DetachedJob, limit: Int) -> String {
    [job.standardOutputPath, job.standardErrorPath]
      .map { Folders.end(of: $0, limit: limit) }.filter { !$0.isEmpty }
      .map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }.joined()
  }

  /// Where a hook writes.
  struct Output: Sendable {
    var key: HookKey
    /// `before_scheduler/1`: the place, for a task's hook the task, and the attempt.
    var name: String
    fileprivate var job: DetachedJob

    func path(_ stream: TaskLogStream) -> String {
      switch stream {
      case .output: job.standardOutputPath
      case .error: job.standardErrorPath
      }
    }
  }

  /// Where the hooks of a run's application write, as far as it is still kept, in the order of their names.
  func outputs(ofRun run: String, application: String) -> [Output] {
    let runFolder = "\(root)/\(run)"
    guard let coded = Folders.names(in: runFolder).first(where: { PercentCoding.decode($0) == application }) else {
      return []
    }
    return jobs(of: "\(run)/\(coded)", name: "")
  }

  private func jobs(of application: String, name: String) -> [Output] {
    let key = name.isEmpty ? application : "\(application)/\(name)"
    let folder = "\(root)/\(key)"
    let names = Folders.names(in: folder)
    if names.contains("lock") {
      return [Output(key: HookKey(text: key), name: name, job: DetachedJob(folder: folder))]
    }
    return names.sorted().flatMap { part in
      jobs(of: application, name: name.isEmpty ? part : "\(name)/\(part)")
    }
  }
}
