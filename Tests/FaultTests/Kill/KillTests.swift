import Concurrency
import FaultInjection
import HTTPClient
import Testing

/// A real server is ended with SIGKILL at each of its writes and effects, and at each operation of SQLite on its files, while
/// the embedded cluster and the hooks run on; the next server must bring all to its end, with nothing done twice.
@Suite(.timeLimit(.minutes(60))) struct KillTests {
  enum Shape: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case quickstart, failingHooks, scripts, parallel, imperative, bootstrap

    var testDescription: String { rawValue }

    func stack(_ suffix: String) throws -> TracedStack {
      switch self {
      case .quickstart, .bootstrap: try .quickstart(suffix)
      case .failingHooks: .failingHooks(suffix)
      case .scripts: .scripts(suffix)
      case .parallel: .parallel(suffix)
      case .imperative: .imperative(suffix)
      }
    }
  }

  /// So many rounds at once: most of their time they wait.
  private static let workers = 3

  @Test(arguments: Shape.allCases)
  func everyWriteAndEffectMayBeTheLast(_ shape: Shape) async throws {
    let killed = try await ClusterProcess.with { cluster in
      let http = HTTPClient()
      defer { http.shutdown() }
      let points = try await points(shape, cluster, http)
      let numbers = Array(1...points.count)
      let chosen = FaultBudget.choose(numbers, sample: 7, for: "kill \(shape)")
      return try await playAll(chosen.map { ["KILL_AT": "\($0)"] }, shape, cluster, http)
    }
    FaultBudget.tried(killed, "kill", "\(shape) at writes and effects")
  }

  /// Just before it is started, and while it runs.
  @Test func aShellCommandOfAScriptIsTakenUp() async throws {
    let killed = try await ClusterProcess.with { cluster in
      let http = HTTPClient()
      defer { http.shutdown() }
      let points = try await points(.scripts, cluster, http)
      let chosen = points.indices.filter { points[$0].contains(", call ") }
      guard chosen.count == 2 else { throw KillFailure("points: \(points)") }
      return try await playAll(chosen.map { ["KILL_AT": "\($0 + 1)"] }, .scripts, cluster, http)
    }
    #expect(killed == 2)
    FaultBudget.tried(killed, "kill", "scripts at a shell command")
  }

  /// What a server reaches that nobody ends.
  private func points(_ shape: Shape, _ cluster: ClusterProcess, _ http: HTTPClient) async throws -> [String] {
    let whole = KillRound(
      stack: try shape.stack("-0"), cluster: cluster, http: http, title: "no kill", isBootstrap: shape == .bootstrap)
    guard case .survived(let points, _) = try await whole.play([:]) else { throw KillFailure("killed by nobody") }
    return points
  }

  @Test(arguments: Shape.allCases)
  func everyOperationOnTheStoresFilesMayBeTheLast(_ shape: Shape) async throws {
    let killed = try await ClusterProcess.with { cluster in
      let http = HTTPClient()
      defer { http.shutdown() }
      let whole = KillRound(
        stack: try shape.stack("-0"), cluster: cluster, http: http, title: "no kill", isBootstrap: shape == .bootstrap)
      let counting = ["KILL_AT_FILE_OPERATION": "1", "KILL_ACTION": "0"]
      guard case .survived(_, let operations) = try await whole.play(counting) else {
        throw KillFailure("killed by nobody")
      }
      let kinds = (1...operations).flatMap { number in
        (1...3).map { ["KILL_AT_FILE_OPERATION": "\(number)", "KILL_ACTION": "\($0)"] }
      }
      // Each operation, but not in each of the three ways: before, after and in the middle.
      var random = FaultBudget.generator("file operations \(shape)")
      let all = FaultBudget.isExhaustive ? Array(kinds.shuffled(using: &random).prefix(max(60, operations / 2))) : kinds
      let chosen = FaultBudget.choose(all, sample: 4, for: "kill files \(shape)")
      return try await playAll(chosen, shape, cluster, http)
    }
    FaultBudget.tried(killed, "kill", "\(shape) at the store's files")
  }

  /// - Returns: how many servers were killed.
  private func playAll(
    _ rounds: [[String: String]], _ shape: Shape, _ cluster: ClusterProcess, _ http: HTTPClient
  ) async throws -> Int {
    let left = Locked(Array(rounds.enumerated()))
    let killed = Locked(0)
    await withTaskGroup(of: Void.self) { group in
      for _ in 1...Self.workers {
        group.addTask {
          while let (number, variables) = left.withLock({ $0.popLast() }) {
            do {
              let title = "\(shape), \(variables.map { "\($0.key)=\($0.value)" }.sorted()), \(FaultBudget.again)"
              let stack = try shape.stack("-\(number + 1)")
              let round = KillRound(
                stack: stack, cluster: cluster, http: http, title: title, isBootstrap: shape == .bootstrap)
              if case .killed = try await round.play(variables) { killed.withLock { $0 += 1 } }
            } catch {
              Issue.record("\(error)")
            }
          }
        }
      }
    }
    return killed.withLock { $0 }
  }
}
