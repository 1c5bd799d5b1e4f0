import Concurrency
import Engine
import HTTPServer
import Store

/// Copies what is new in the logs of a run's applications, each piece under a heading that says whose it is.
struct RunLogReader: Sendable {
  let services: Services
  let run: RunID
  let applications: [String]
  let streams: [TaskLogStream]
  let failure: RunFailure?

  private var offsets: [Source: Int] = [:]
  private var explained: Set<String> = []
  private var lastHeading = ""
  private var isFirst = true

  private struct Source: Hashable, Sendable {
    var task: String
    var stream: TaskLogStream
  }

  init(services: Services, run: RunID, applications: [String], streams: [TaskLogStream], failure: RunFailure?) {
    self.services = services
    self.run = run
    self.applications = applications
    self.streams = streams
    self.failure = failure
  }

  mutating func copyNew(to writer: HTTPResponseWriter) async throws {
    for application in applications {
      if isFirst { try await copyHooks(of: application, to: writer) }
      for task in await tasks(of: application) {
        for stream in streams { try await copyNew(of: task, stream, to: writer) }
      }
    }
    isFirst = false
  }

  /// Hooks keep their output while the run goes on; of a failed one the end stays with the run.
  private mutating func copyHooks(of application: String, to writer: HTTPResponseWriter) async throws {
    let outputs = services.hooks.outputs(ofRun: run.description, application: application)
    for output in outputs where !output.text.isEmpty {
      try await write(output.text, under: "\(application) hook \(output.name)", to: writer)
    }
    if outputs.isEmpty, let failure, failure.application == application, let tail = failure.logTail, !tail.isEmpty {
      try await write(tail, under: "\(application) \(failure.step ?? "") (the end of what it wrote)", to: writer)
    }
  }

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
    let source = Source(task: task.task, stream: stream)
    switch await services.taskLogs.read(task, stream, from: offsets[source] ?? 0) {
    case .text(let text, let next):
      offsets[source] = next
      if !text.isEmpty { try await write(text, under: "\(task.task) \(stream.rawValue)", to: writer) }
    case .elsewhere(let sentence):
      if explained.insert(task.task).inserted { try await writer.write("\(sentence)\n") }
    }
  }

  private mutating func write(_ text: String, under heading: String, to writer: HTTPResponseWriter) async throws {
    if heading != lastHeading {
      try await writer.write("\(lastHeading.isEmpty ? "" : "\n")==> \(heading) <==\n")
      lastHeading = heading
    }
    try await writer.write(text.hasSuffix("\n") ? text : text + "\n")
  }
}
