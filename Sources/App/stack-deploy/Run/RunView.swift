import Concurrency
import Processes
import StackAPI
import StackClient

/// Follows a run until it is over: a live tree on a terminal, else a line per event on standard error.
struct RunView: Sendable {
  enum Ending: Sendable {
    case over(APIRunStatus)
    /// Ctrl-C: the run goes on.
    case detached
  }

  let client: StackClient
  let run: Int64

  func watch() async throws(StackClientError) -> Ending {
    let interrupt = AsyncSignal()
    TerminationSignal.fire(interrupt)
    let isDetached = Locked(false)
    let result = await withTaskGroup(of: Result<APIRunStatus, StackClientError>?.self) { group in
      group.addTask {
        do throws(StackClientError) {
          if Console.isTerminal { try await drawTree() } else { try await printLines() }
          return .success(try await client.run(run))
        } catch {
          return .failure(error)
        }
      }
      group.addTask {
        guard (try? await interrupt.wait()) != nil else { return nil }
        isDetached.withLock { $0 = true }
        return nil
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first
    }
    if isDetached.withLock({ $0 }) { return .detached }
    guard let result else { return .detached }
    return .over(try result.get())
  }

  /// How to come back to a run that goes on.
  var howToComeBack: String {
    """
    Detached: run \(run) goes on. To come back:
      stack-deploy status \(run)      what it does and what it waits for
      stack-deploy events \(run) -f   follow it
      stack-deploy cancel \(run)      end it

    """
  }

  private func printLines() async throws(StackClientError) {
    try await client.follow(run) { following in
      switch following {
      case .event(let event): Console.writeError(EventLine.text(event) + "\n")
      case .disconnected(let reason): Console.writeError("\(reason); the run goes on, trying again\n")
      case .reconnected: Console.writeError("connected again\n")
      }
    }
  }

  private func drawTree() async throws(StackClientError) {
    let news = TreeNews()
    let failure = Locked<StackClientError?>(nil)
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        do throws(StackClientError) {
          try await client.follow(run) { following in
            switch following {
            case .event, .reconnected: news.note = nil
            case .disconnected(let reason): news.note = "\(reason); the run goes on, trying again"
            }
            news.isNew = true
          }
        } catch {
          failure.withLock { $0 = error }
        }
        news.isOver = true
      }
      group.addTask { await redraw(news) }
      await group.waitForAll()
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  /// Ten times a second where something is new, else once: the seconds go on.
  private func redraw(_ news: TreeNews) async {
    var drawing = TerminalDrawing()
    var status: APIRunStatus?
    var drawn = ContinuousClock.now
    while true {
      let isOver = news.isOver
      let isNew = news.takeNew()
      if isNew || isOver, let next = try? await client.run(run) { status = next }
      if let status, isNew || isOver || ContinuousClock.now - drawn > .seconds(1) {
        let tree = RunTree(status: status, now: SystemTime().now(), hasColours: true, width: TerminalDrawing.width)
        drawing.draw(tree.lines + (news.note.map { [DisplayWidth.cut($0, to: TerminalDrawing.width)] } ?? []))
        drawn = .now
      }
      if isOver { return }
      guard (try? await Task.sleep(for: .milliseconds(100))) != nil else { return }
    }
  }
}

/// What the follower has seen and the drawing has not.
private final class TreeNews: Sendable {
  private struct State {
    var isNew = true
    var isOver = false
    var note: String?
  }

  private let state = Locked(State())

  var isNew: Bool {
    get { state.withLock { $0.isNew } }
    set { state.withLock { $0.isNew = newValue } }
  }

  var isOver: Bool {
    get { state.withLock { $0.isOver } }
    set { state.withLock { $0.isOver = newValue } }
  }

  var note: String? {
    get { state.withLock { $0.note } }
    set { state.withLock { $0.note = newValue } }
  }

  func takeNew() -> Bool {
    state.withLock { state in
      defer { state.isNew = false }
      return state.isNew
    }
  }
}
