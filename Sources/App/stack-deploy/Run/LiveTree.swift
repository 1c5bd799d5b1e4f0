import Concurrency
import StackAPI
import StackClient

/// Draws a run on the terminal while it goes on. What is drawn over always fits the screen; the last drawing is whole.
struct LiveTree: Sendable {
  let client: StackClient
  let run: Int64

  private enum Part: Sendable {
    case followed(Result<APIRunStatus, StackClientError>)
    case drew(TerminalDrawing)
  }

  func show() async -> Result<APIRunStatus, StackClientError> {
    let news = Locked(News())
    let (result, drawing) = await withTaskGroup(of: Part.self) { group in
      group.addTask { .followed(await follow(news)) }
      group.addTask { .drew(await redraw(news)) }
      var result: Result<APIRunStatus, StackClientError>?
      var drawing = TerminalDrawing()
      for await part in group {
        switch part {
        case .followed(let followed):
          result = followed
          group.cancelAll()
        case .drew(let drawn): drawing = drawn
        }
      }
      return (result, drawing)
    }
    guard let result else { return .failure(StackClientError(.cancelled, "the call was given up")) }
    if case .success(let status) = result {
      var drawing = drawing
      let tree = RunTree(status: status, now: SystemTime().now(), hasColours: Terminal.hasColours)
      Console.write(drawing.text(of: tree.lines, on: Terminal.size))
    }
    return result
  }

  private func follow(_ news: Locked<News>) async -> Result<APIRunStatus, StackClientError> {
    do throws(StackClientError) {
      try await client.follow(run, contact: .made) { following in
        news.withLock { news in
          news.isNew = true
          switch following {
          case .event, .reconnected: news.note = nil
          case .disconnected(let reason): news.note = "the run goes on, trying again: \(reason)"
          }
        }
      }
      return .success(try await client.patientRun(run))
    } catch {
      return .failure(error)
    }
  }

  /// Ten times a second where something is new, else once: the seconds go on.
  private func redraw(_ news: Locked<News>) async -> TerminalDrawing {
    var drawing = TerminalDrawing()
    var status: APIRunStatus?
    var drawn = (at: ContinuousClock.now, on: Terminal.size)
    while !Task.isCancelled {
      let (isNew, note) = news.withLock { $0.take() }
      if isNew, let next = try? await client.run(run) { status = next }
      let size = Terminal.size
      if let status, isNew || size != drawn.on || ContinuousClock.now - drawn.at > .seconds(1) {
        // The cursor stands on the line below the last one.
        var room = Terminal.Size(columns: size.columns, rows: size.rows - 1)
        var lines: [String] = []
        if let note {
          room.rows -= 1
          lines = [DisplayWidth.cut(TerminalText.line(note), to: size.columns)]
        }
        let tree = RunTree(status: status, now: SystemTime().now(), hasColours: Terminal.hasColours, size: room)
        Console.write(drawing.text(of: tree.lines + lines, on: size))
        drawn = (.now, size)
      }
      guard (try? await Task.sleep(for: .milliseconds(100))) != nil else { break }
    }
    return drawing
  }
}

/// What the follower has seen and the drawing has not.
private struct News: Sendable {
  var isNew = true
  /// Why there is nothing new.
  var note: String?

  mutating func take() -> (isNew: Bool, note: String?) {
    defer { isNew = false }
    return (isNew, note)
  }
}
