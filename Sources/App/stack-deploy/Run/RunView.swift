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
  /// A tree that changes, and at its end says why the run failed.
  let isLive: Bool

  func watch() async throws(StackClientError) -> Ending {
    let interrupt = AsyncSignal()
    TerminationSignal.fire(interrupt)
    let isDetached = Locked(false)
    let result = await withTaskGroup(of: Result<APIRunStatus, StackClientError>?.self) { group in
      group.addTask { await isLive ? LiveTree(client: client, run: run).show() : printLines() }
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

  private func printLines() async -> Result<APIRunStatus, StackClientError> {
    do throws(StackClientError) {
      try await client.follow(run, contact: .made) { following in
        switch following {
        case .event(let event): Console.writeError(EventLine.text(event) + "\n")
        case .disconnected(let reason): Console.writeError("\(reason); the run goes on, trying again\n")
        case .reconnected: Console.writeError("connected again\n")
        }
      }
      return .success(try await client.patientRun(run))
    } catch {
      return .failure(error)
    }
  }
}
