import Concurrency
import Engine
import HTTPServer
import StackAPI
import StackModel
import Store

/// Copies what is new in the logs of a run's hooks, of its applications' tasks and of those of what its scripts work on, each
/// piece under a heading that says whose it is.
struct RunLogReader: Sendable {
  private let services: Services
  private let run: RunID
  /// Who was asked for (`LoggedApplication.isMeant`); nil: all.
  private let application: String?
  private let streams: [TaskLogStream]
  /// Says nothing of a log that is not there yet.
  private let follows: Bool

  private var status: RunStatus
  /// How far each log was written, by its source.
  private var positions: [String: Int]
  private var output: LogOutput
  /// By the application's id on the cluster, as all that follows of tasks.
  private var tasks: [String: [TaskReference]] = [:]
  /// Applications of which the cluster could not be asked lately; their former tasks stand.
  private var unreached: Set<String> = []
  private var tasksReadAt: Timestamp?
  private var isFirst = true
  private var hasShownEnds = false

  /// How often new tasks are looked for: Marathon is asked once for each application then.
  private static let tasksInterval = Duration.seconds(5)

  /// - Parameter positions: what the reader has already, by the sources of the pieces that it got.
  init(
    services: Services, status: RunStatus, application: String?, streams: [TaskLogStream], follows: Bool,
    positions: [String: Int], output: LogOutput
  ) {
    self.services = services
    self.status = status
    run = status.id
    self.application = application
    self.streams = streams
    self.follows = follows
    self.positions = positions
    self.output = output
  }

  /// Whether anything may still be written: the run goes on, the cluster shows one of its applications' tasks, or it
  /// does not answer at the moment.
  var mayGrow: Bool { !status.state.isFinal || !unreached.isEmpty || tasks.values.contains { !$0.isEmpty } }

  mutating func copyNew(to writer: HTTPResponseWriter) async throws {
    var hasEnded = false
    if !isFirst, !status.state.isFinal {
      status = try await services.engine.status(run)
      hasEnded = status.state.isFinal
    }
    let applications = LoggedApplication.all(of: status).filter { one in application.map(one.isMeant) ?? true }
    let now = services.time.now()
    // From the run's end on only its tasks write, which may have come since they were last looked for.
    if hasEnded || (tasksReadAt.map { now - $0 >= Self.tasksInterval } ?? true) {
      for id in applications.compactMap(\.id) { await readTasks(of: id) }
      tasksReadAt = now
    }
    for application in applications {
      if let name = application.name { try await copyHooks(of: name, to: writer) }
      for task in application.id.flatMap({ tasks[$0] }) ?? [] {
        for stream in streams { try await copyNew(of: task, stream, to: writer) }
      }
    }
    if status.state.isFinal, !hasShownEnds {
      hasShownEnds = true
      try await copyEnds(of: Set(applications.compactMap(\.name)), to: writer)
    }
    isFirst = false
  }

  /// Tells whoever can be told that nothing more will come.
  func end(_ writer: HTTPResponseWriter) async throws { try await output.end(writer) }

  private mutating func write(
    _ bytes: [UInt8], of source: String, under heading: String?, next: Int, to writer: HTTPResponseWriter
  ) async throws {
    try await output.write(LogPiece(source: source, heading: heading, bytes: bytes, next: next), to: writer)
    positions[source] = next
  }

  // MARK: Hooks

  /// Of a step, or of a command that was run there: `hook after_scheduler/1`; of a stack's function `run/1/call-3-…`.
  private static func title(_ name: String) -> String { name.prefix { $0 != "/" } == "run" ? name : "hook \(name)" }

  private static func source(_ hook: HookKey, _ stream: TaskLogStream) -> String {
    "hook \(hook.text) \(stream.rawValue)"
  }

  private mutating func copyHooks(of application: String, to writer: HTTPResponseWriter) async throws {
    for hook in services.hooks.outputs(ofRun: run.description, application: application) {
      for stream in streams {
        let source = Self.source(hook.key, stream)
        while true {
          let position = positions[source] ?? 0
          var piece = Folders.piece(of: hook.path(stream), from: position, limit: TaskLogs.pieceLimit)[...]
          // A character that is not there to its end waits for the next piece, if there may be one.
          if !status.state.isFinal || piece.count == TaskLogs.pieceLimit {
            piece = piece[..<piece.endOfWholeCharacters]
          }
          if piece.isEmpty { break }
          try await write(
            Array(piece), of: source, under: "\(application) \(Self.title(hook.name)) \(stream.rawValue)",
            next: position + piece.count, to: writer)
        }
      }
    }
  }

  /// Hooks keep their whole output while the run goes on. Its end is in the journal and stays with the run, both streams in
  /// one, so it is shown whichever was asked for; of a task it is standard error.
  private mutating func copyEnds(of applications: Set<String>, to writer: HTTPResponseWriter) async throws {
    for try await event in try await services.engine.events(run) where event.kind == .stepEnded {
      guard let application = event.application, applications.contains(application), let text = event.output,
        !text.isEmpty
      else { continue }
      if let hook = event.hook {
        let shown = [TaskLogStream.output, .error].reduce(0) { $0 + (positions[Self.source(hook, $1)] ?? 0) }
        // Shown whole, but for line ends that were added.
        guard shown < text.utf8.count - 2 else { continue }
      } else if !streams.contains(.error) || !(tasks[clusterID(of: application)] ?? []).isEmpty {
        // It is not asked for, or the task's log is there itself.
        continue
      }
      let source = "event \(event.sequence ?? 0)"
      if positions[source] != nil { continue }
      let step = event.step ?? ""
      let name = event.hook == nil ? step : Self.title(step)
      try await write(
        Array(text.utf8), of: source, under: "\(application) \(name) (the end of what it wrote)",
        next: text.utf8.count, to: writer)
    }
  }

  // MARK: Tasks

  /// The tasks that run, and the last one that failed.
  private mutating func readTasks(of id: String) async {
    do {
      let live = try await services.cluster.application(id)
      unreached.remove(id)
      var references =
        live?.tasks.map { TaskReference(application: id, task: $0.id, host: $0.host, agent: $0.agent) } ?? []
      if let failed = live?.lastTaskFailure, !references.contains(where: { $0.task == failed.task }) {
        references.insert(
          TaskReference(application: id, task: failed.task, host: failed.host, agent: failed.agent), at: 0)
      }
      tasks[id] = references
    } catch {
      unreached.insert(id)
    }
  }

  private mutating func copyNew(
    of task: TaskReference, _ stream: TaskLogStream, to writer: HTTPResponseWriter
  ) async throws {
    let source = "task \(task.task) \(stream.rawValue)"
    while true {
      let position = positions[source] ?? 0
      switch await services.taskLogs.read(task, stream, from: position) {
      case .text(let text, let next):
        guard next > position else { return }
        if text.isEmpty {
          positions[source] = next
        } else {
          try await write(
            Array(text.utf8), of: source, under: "\(task.task) \(stream.rawValue)", next: next, to: writer)
        }
        // Less than a full piece is the end for now, less a character that was cut.
        guard next - position > TaskLogs.pieceLimit - 4 else { return }
      case .missing where follows: return
      case .elsewhere(let sentence), .missing(let sentence):
        let note = "task \(task.task)"
        if positions[note] == nil {
          try await write(Array("\(sentence)\n".utf8), of: note, under: nil, next: 1, to: writer)
        }
        return
      }
    }
  }
}
