import Concurrency
import Engine
import HTTPServer
import Store

/// Copies what is new in the logs of a run's hooks and of its applications' tasks, each piece under a heading that says
/// whose it is.
struct RunLogReader: Sendable {
  private let services: Services
  private let run: RunID
  /// The one application that was asked for; nil: all.
  private let application: String?
  private let streams: [TaskLogStream]
  /// Says nothing of a log that is not there yet.
  private let follows: Bool

  private var status: RunStatus
  private var offsets: [Source: Int] = [:]
  private var explained: Set<String> = []
  private var tasks: [String: [TaskReference]] = [:]
  private var tasksReadAt: Timestamp?
  private var output = HeadedOutput()
  private var isFirst = true
  /// Bytes shown of each hook's two outputs.
  private var shownBytes: [HookKey: Int] = [:]
  private var hasShownEnds = false

  /// How often new tasks are looked for: Marathon is asked once for each application then.
  private static let tasksInterval = Duration.seconds(5)

  private enum Source: Hashable, Sendable {
    case task(String, TaskLogStream)
    case hook(String)
  }

  init(services: Services, status: RunStatus, application: String?, streams: [TaskLogStream], follows: Bool) {
    self.services = services
    self.status = status
    run = status.id
    self.application = application
    self.streams = streams
    self.follows = follows
  }

  /// Whether anything may still be written: the run goes on, or the cluster shows one of its applications' tasks.
  var mayGrow: Bool { !status.state.isFinal || tasks.values.contains { !$0.isEmpty } }

  mutating func copyNew(to writer: HTTPResponseWriter) async throws {
    if !isFirst, !status.state.isFinal { status = try await services.engine.status(run) }
    let applications = application.map { [$0] } ?? status.applications.map(\.id)
    let now = services.time.now()
    if tasksReadAt.map({ now - $0 >= Self.tasksInterval }) ?? true {
      for application in applications { tasks[application] = await tasks(of: application) }
      tasksReadAt = now
    }
    for application in applications {
      try await copyHooks(of: application, to: writer)
      for task in tasks[application] ?? [] {
        for stream in streams { try await copyNew(of: task, stream, to: writer) }
      }
    }
    if status.state.isFinal, !hasShownEnds {
      hasShownEnds = true
      try await copyEnds(of: applications, to: writer)
    }
    isFirst = false
  }

  // MARK: Hooks

  private mutating func copyHooks(of application: String, to writer: HTTPResponseWriter) async throws {
    for hook in services.hooks.outputs(ofRun: run.description, application: application) {
      for stream in streams {
        let path = hook.path(stream)
        while true {
          let offset = offsets[.hook(path)] ?? 0
          let piece = Folders.piece(of: path, from: offset, limit: TaskLogs.pieceLimit)
          if piece.isEmpty { break }
          try await output.write(piece, under: "\(application) hook \(hook.name) \(stream.rawValue)", to: writer)
          offsets[.hook(path)] = offset + piece.count
          shownBytes[hook.key, default: 0] += piece.count
        }
      }
    }
  }

  /// Hooks keep their whole output while the run goes on. Its end is in the journal and stays with the run, both streams in
  /// one, so it is shown whichever was asked for; of a task it is standard error.
  private mutating func copyEnds(of applications: [String], to writer: HTTPResponseWriter) async throws {
    let applications = Set(applications)
    for try await event in try await services.engine.events(run) where event.kind == .stepEnded {
      guard let application = event.application, applications.contains(application), let text = event.output else {
        continue
      }
      if let hook = event.hook {
        // Shown whole, but for line ends that were added.
        guard shownBytes[hook, default: 0] < text.utf8.count - 2 else { continue }
      } else if !streams.contains(.error) || !(tasks[application] ?? []).isEmpty {
        // It is not asked for, or the task's log is there itself.
        continue
      }
      let name = event.hook == nil ? event.step ?? "" : "hook \(event.step ?? "")"
      try await output.write(
        Array(text.utf8), under: "\(application) \(name) (the end of what it wrote)", to: writer)
    }
  }

  // MARK: Tasks

  /// The tasks that run, and the last one that failed.
  private func tasks(of application: String) async -> [TaskReference] {
    let id = application.hasPrefix("/") ? application : "/" + application
    guard let live = try? await services.cluster.application(id) else { return [] }
    var tasks = live.tasks.map {
      TaskReference(application: id, task: $0.id, host: $0.host, agent: $0.agent)
    }
    if let failed = live.lastTaskFailure, !tasks.contains(where: { $0.task == failed.task }) {
      tasks.insert(TaskReference(application: id, task: failed.task, host: failed.host, agent: failed.agent), at: 0)
    }
    return tasks
  }

  private mutating func copyNew(
    of task: TaskReference, _ stream: TaskLogStream, to writer: HTTPResponseWriter
  ) async throws {
    let source = Source.task(task.task, stream)
    while true {
      let offset = offsets[source] ?? 0
      switch await services.taskLogs.read(task, stream, from: offset) {
      case .text(let text, let next):
        guard next > offset else { return }
        offsets[source] = next
        if !text.isEmpty {
          try await output.write(Array(text.utf8), under: "\(task.task) \(stream.rawValue)", to: writer)
        }
        // Less than a full piece is the end for now, less a character that was cut.
        guard next - offset > TaskLogs.pieceLimit - 4 else { return }
      case .missing where follows: return
      case .elsewhere(let sentence), .missing(let sentence):
        if explained.insert(task.task).inserted { try await output.say(sentence, to: writer) }
        return
      }
    }
  }
}

/// Pieces of several logs in one stream: a heading where another log goes on, always at the start of a line.
private struct HeadedOutput: Sendable {
  private var heading = ""
  private var isAtLineStart = true
  private var isEmpty = true

  mutating func write(_ bytes: [UInt8], under heading: String, to writer: HTTPResponseWriter) async throws {
    if heading != self.heading {
      try await startLine(writer)
      try await writer.write("\(isEmpty ? "" : "\n")==> \(heading) <==\n")
      self.heading = heading
    }
    try await writer.write(bytes)
    isAtLineStart = bytes.last == UInt8(ascii: "\n")
    isEmpty = false
  }

  mutating func say(_ sentence: String, to writer: HTTPResponseWriter) async throws {
    try await startLine(writer)
    try await writer.write(sentence + "\n")
    heading = ""
    isEmpty = false
  }

  private mutating func startLine(_ writer: HTTPResponseWriter) async throws {
    if !isAtLineStart { try await writer.write("\n") }
    isAtLineStart = true
  }
}
