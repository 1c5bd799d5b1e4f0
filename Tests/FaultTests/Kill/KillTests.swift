import Concurrency
import FaultInjection
import Glibc
import Processes
import StackAPI
import StackClient
import TestFolders
import Testing

/// A real server is ended with SIGKILL at each of its writes and effects, and at each operation of SQLite on its files, while
/// the embedded cluster, the hooks and what scripts send requests to run on; the next server must bring all to its end, with
/// nothing done twice.
@Suite(.timeLimit(.minutes(60))) struct KillTests {
  enum Shape: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case quickstart, failingHooks, scripts, parallel, imperative, posting, bootstrap, imperativeBootstrap

    var testDescription: String { rawValue }

    /// Whether the servers run it before they serve.
    var isBootstrap: Bool { self == .bootstrap || self == .imperativeBootstrap }

    func stack(_ suffix: String) throws -> TracedStack {
      switch self {
      case .quickstart, .bootstrap: try .quickstart(suffix)
      case .failingHooks: .failingHooks(suffix)
      case .scripts: .scripts(suffix)
      case .parallel: .parallel(suffix)
      case .imperative, .imperativeBootstrap: .imperative(suffix)
      case .posting: .posting(suffix)
      }
    }

    func round(_ number: Int, in world: KillWorld, _ title: String) throws -> KillRound {
      KillRound(stack: try stack("-\(number)"), world: world, title: title, isBootstrap: isBootstrap)
    }
  }

  /// So many rounds at once: most of their time they wait.
  private static let workers = 3

  @Test(arguments: Shape.allCases)
  func everyWriteAndEffectMayBeTheLast(_ shape: Shape) async throws {
    let killed = try await KillWorld.with { world in
      let numbers = Array(1...(try await points(shape, world).count))
      let chosen = FaultBudget.choose(numbers, sample: 5, for: "kill \(shape)")
      return try await playAll(chosen.map { ["KILL_AT": "\($0)"] }, shape, world).killed
    }
    FaultBudget.tried(killed, "kill", "\(shape) at writes and effects")
  }

  /// Just before it is started, and while it runs.
  @Test func aShellCommandOfAScriptIsTakenUp() async throws {
    let killed = try await KillWorld.with { world in
      let points = try await points(.scripts, world)
      // The first one waits until a task has left its line.
      let chosen = points.indices.filter { points[$0].contains(", call ") }.suffix(2)
      guard chosen.count == 2 else { throw KillFailure("points: \(points)") }
      return try await playAll(chosen.map { ["KILL_AT": "\($0 + 1)"] }, .scripts, world).killed
    }
    #expect(killed == 2)
    FaultBudget.tried(killed, "kill", "scripts at a shell command")
  }

  /// Before its intent is written and after, before its answer is written and after: between the two the run is blocked, and goes
  /// on as a person decides.
  @Test(arguments: [APIResumeRequest.Decision.retryStep, .skipStep])
  func aRequestThatIsInDoubtIsSentAsAPersonDecides(_ decision: APIResumeRequest.Decision) async throws {
    let (killed, blocked) = try await KillWorld.with { world in
      let points = try await points(.posting, world)
      guard let intent = points.lastIndex(where: { $0.contains("/run called") }),
        let answer = points.indices.first(where: { $0 > intent && points[$0].contains("/run answered") })
      else { throw KillFailure("points: \(points)") }
      let chosen = [intent - 1, intent, answer, answer + 1]
      return try await playAll(chosen.map { ["KILL_AT": "\($0 + 1)"] }, .posting, world, decision)
    }
    #expect(killed == 4)
    #expect(blocked == 2)
    FaultBudget.tried(killed, "kill", "posting at a request, \(decision.rawValue)")
  }

  /// One that is at work would notice only later that nobody listens any more.
  @Test func whatRunsAScriptDiesWithItsServer() async throws {
    try await KillWorld.with { world in
      let folder = try TemporaryFolder()
      mkdir(folder.file("data"), 0o700)
      let (process, server) = try await ServerProcess.start(.normal(bootstrap: nil), folder: folder, in: world)
      guard let client = server?.client else { throw KillFailure("no server\n\(folder.read("server.log"))") }
      let source = "return stack('busy', { run = function() while true do end end })"
      _ = try await client.add(APIStackAddition(source: source, file: "stack.lua"))
      _ = try await client.start(APIRunRequest(stack: "busy"))
      var workers: [Int32] = []
      for _ in 0..<1_000 where workers.isEmpty {
        workers = ScriptWorkers.children(of: process.pid)
        try await Task.sleep(for: .milliseconds(2))
      }
      #expect(!workers.isEmpty)
      process.signal(SIGKILL)
      _ = await process.exitStatus()
      // Its budget of CPU time would end it much later.
      #expect(try await ScriptWorkers.areGone(workers, within: .milliseconds(500)))
    }
    FaultBudget.tried(1, "kill", "a server whose script is at work")
  }

  /// What a server reaches that nobody ends.
  private func points(_ shape: Shape, _ world: KillWorld) async throws -> [String] {
    let whole = try shape.round(0, in: world, "no kill")
    guard case .survived(let points, _) = try await whole.play([:]) else { throw KillFailure("killed by nobody") }
    return points
  }

  @Test(arguments: Shape.allCases)
  func everyOperationOnTheStoresFilesMayBeTheLast(_ shape: Shape) async throws {
    let killed = try await KillWorld.with { world in
      let whole = try shape.round(0, in: world, "no kill")
      let counting = ["KILL_AT_FILE_OPERATION": "1", "KILL_ACTION": "0"]
      guard case .survived(_, let operations) = try await whole.play(counting) else {
        throw KillFailure("killed by nobody")
      }
      // Each operation, but not in each of the three ways: before, after and in the middle.
      var random = FaultBudget.generator("file operations \(shape)")
      let all = (1...operations).map { number in
        ["KILL_AT_FILE_OPERATION": "\(number)", "KILL_ACTION": "\(Int.random(in: 1...3, using: &random))"]
      }
      let chosen = FaultBudget.choose(all, sample: 3, for: "kill files \(shape)")
      return try await playAll(chosen, shape, world).killed
    }
    FaultBudget.tried(killed, "kill", "\(shape) at the store's files")
  }

  /// - Parameter decision: what a person says, wherever one is needed; else now this and now that.
  /// - Returns: how many servers were killed, and how many runs needed a person after that.
  private func playAll(
    _ rounds: [[String: String]], _ shape: Shape, _ world: KillWorld, _ decision: APIResumeRequest.Decision? = nil
  ) async throws -> (killed: Int, blocked: Int) {
    let left = Locked(Array(rounds.enumerated()))
    let counts = Locked((killed: 0, blocked: 0))
    await withTaskGroup(of: Void.self) { group in
      for _ in 1...Self.workers {
        group.addTask {
          while let (number, variables) = left.withLock({ $0.popLast() }) {
            do {
              let title = "\(shape), \(variables.map { "\($0.key)=\($0.value)" }.sorted()), \(FaultBudget.again)"
              var round = try shape.round(number + 1, in: world, title)
              round.decision = decision ?? (number % 2 == 0 ? .retryStep : .skipStep)
              if case .killed(_, let wasBlocked) = try await round.play(variables) {
                counts.withLock { counts in
                  counts.killed += 1
                  if wasBlocked { counts.blocked += 1 }
                }
              }
            } catch {
              Issue.record("\(error)")
            }
          }
        }
      }
    }
    return counts.withLock { $0 }
  }
}
