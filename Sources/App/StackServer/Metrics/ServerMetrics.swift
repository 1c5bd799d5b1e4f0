package import Concurrency
import Store
package import Telemetry

/// What this server counts of itself, for Prometheus.
package final class ServerMetrics: Sendable {
  package let registry: MetricsRegistry

  // What is counted often is kept at hand.
  private struct Request: Hashable {
    var method: String
    var route: String
    var status: Int
  }
  private struct Question: Hashable {
    var operation: String
    var outcome: String
  }
  private let requests = SeriesTable<Request>()
  private let questions = SeriesTable<Question>()
  private let commits = SeriesTable<Bool>()
  private let committedEntries: Counter
  private let requestsUnderWay = Locked<(@Sendable () -> Int)?>(nil)

  package init(registry: MetricsRegistry = MetricsRegistry(), startedAt: Timestamp, time: any TimeSource) {
    self.registry = registry
    committedEntries = registry.counter("stack_deploy_journal_entries_total", "Journal entries committed.")
    registry.gauge("stack_deploy_uptime_seconds", "Time since the server started.") {
      (time.now() - startedAt).inSeconds
    }
    registry.gauge(
      "stack_deploy_http_requests_under_way",
      "Requests whose answer is not complete, streams that are followed included."
    ) { [requestsUnderWay] in Double(requestsUnderWay.withLock { $0 }?() ?? 0) }
  }

  /// - Parameter count: nil from when nobody serves any more; what it holds is let go.
  func countRequestsUnderWay(_ count: (@Sendable () -> Int)?) {
    requestsUnderWay.withLock { $0 = count }
  }

  func served(method: String, route: String, status: Int, in duration: Duration) {
    let (counter, histogram) = requests.series(Request(method: method, route: route, status: status)) {
      // Methods are what clients make up; what is not known would be a series each.
      let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
      return (
        registry.counter(
          "stack_deploy_http_requests_total", "Requests answered, by route and status.",
          ["method": known.contains(method) ? method : "other", "route": route, "status": "\(status)"]),
        registry.histogram(
          "stack_deploy_http_request_seconds", "Time to the answer's head, by route.", ["route": route])
      )
    }
    counter.increment()
    histogram.observe(duration)
  }

  func submitted(kind: String) {
    registry.counter("stack_deploy_runs_submitted_total", "Runs accepted since the start, by kind.", ["kind": kind])
      .increment()
  }

  func ended(kind: String, state: String) {
    registry.counter(
      "stack_deploy_runs_ended_total", "Runs that ended since the start, by kind and state.",
      ["kind": kind, "state": state]
    ).increment()
  }

  func asked(_ operation: String, outcome: String, in duration: Duration) {
    let (counter, histogram) = questions.series(Question(operation: operation, outcome: outcome)) {
      (
        registry.counter(
          "stack_deploy_marathon_requests_total", "Requests to Marathon, by operation and outcome.",
          ["operation": operation, "outcome": outcome]),
        registry.histogram(
          "stack_deploy_marathon_request_seconds", "Time of requests to Marathon, by operation.",
          ["operation": operation])
      )
    }
    counter.increment()
    histogram.observe(duration)
  }

  func committed(entries: Int, succeeded: Bool, in duration: Duration) {
    let (counter, histogram) = commits.series(succeeded) {
      (
        registry.counter(
          "stack_deploy_journal_commits_total", "Commits of journal entries, by outcome.",
          ["outcome": succeeded ? "succeeded" : "failed"]),
        registry.histogram("stack_deploy_journal_commit_seconds", "Time of a commit of journal entries.")
      )
    }
    counter.increment()
    committedEntries.increment(by: succeeded ? Double(entries) : 0)
    histogram.observe(duration)
  }

  /// All series as text; how many runs are in which state is asked for now.
  func text(of store: any Store) async throws -> String {
    var counts: [RunRecord.State: Int] = [:]
    for record in try await store.unfinishedRuns() { counts[record.state, default: 0] += 1 }
    for state in RunRecord.State.allCases where !state.isFinal {
      registry.gauge("stack_deploy_runs", "Runs that are not over, by state.", ["state": state.rawValue])
        .set(Double(counts[state] ?? 0))
    }
    return registry.prometheusText()
  }
}
