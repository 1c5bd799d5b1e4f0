import Concurrency
import FaultInjection
import Glibc
import HTTPClient
import JSON
import Processes
import Testing

/// Hostile scripts in the hooks of a server's runs, many at once, while an ordinary client asks for `/health`: each script
/// ends by itself or over a budget, the client does not notice, no worker is left, and the server's memory comes back.
///
/// `scripts/hostile` runs all of them against a release build, the tests a sample.
@Suite struct ScriptAttackTests {
  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  private static let isFull = variable("STACK_DEPLOY_HOSTILE_ROUNDS") != nil
  private static let sample = 16
  /// Chooses the sample.
  private static let seed = variable("STACK_DEPLOY_HOSTILE_SEED").flatMap { UInt64($0) } ?? .random(in: 1...999_999_999)
  /// At once: fewer than the server has workers for, so that no script has to make room for another one.
  private static let lanes = 48
  /// A script may go on for as long as it asks the host for something; one that does so for longer is ended by `cancel`.
  private static let patience = Duration.seconds(isFull ? 90 : 30)
  /// Events of a run whose script has called nothing.
  private static let silent = 8
  /// The CPU budget of a hook, and what a worker may take beyond it to be ended.
  private static let cpu = Duration.milliseconds(2_000 + 100)
  /// What the server may hold afterwards beyond what it held before, in KiB: after the first round, which fills pools and
  /// caches, and after each further one.
  private static let kept = (first: 48 << 10, later: 8 << 10)

  @Test(.timeLimit(.minutes(30))) func everyAttackEndsAndNobodyNotices() async throws {
    let machine = Machine()
    let folder = try Folder()
    let all = try ScriptAttack.all(Self.variable("STACK_DEPLOY_TEST_ATTACKS"))
    let attacks = Self.isFull ? all : Self.sample(of: all)
    let modules = try repositoryFile("Tests/SandboxTests/Resources/modules")
    try await ServerProcess.with(["--api", "127.0.0.1:0"], in: folder) { process async throws in
      let http = HTTPClient()
      defer { http.shutdown() }
      let server = AttackedServer(
        process: process, http: http,
        modules: try Folder.names(in: modules).map { ($0, try Folder.contents(of: "\(modules)/\($0)")) })
      for attack in attacks { try await server.add(attack) }
      let quiet = try server.bystander()
      try await Task.sleep(for: .seconds(1))
      let calm = try await quiet.stop()
      #expect(calm.failures == [])
      let before = try ProcessUse(process.process.pid)
      var uses: [ProcessUse] = []
      for round in 1...(Self.isFull ? 3 : 1) {
        let other = try server.bystander()
        let counts = try await Self.attack(server, attacks, on: machine)
        let report = try await other.stop()
        #expect(report.failures == [], "round \(round)")
        #expect(report.p99 <= machine.limit(beside: calm), "round \(round): \(report); without an attack: \(calm)")
        #expect(try await eventually(within: .seconds(5)) { ServerWorkers.count(of: process.process.pid) == 0 })
        let most = (uses.first?.kilobytes ?? before.kilobytes) + (uses.isEmpty ? Self.kept.first : Self.kept.later)
        // What was freed goes back to the system within some seconds.
        _ = try await eventually(within: .seconds(15)) { try ProcessUse(process.process.pid).kilobytes <= most }
        let use = try ProcessUse(process.process.pid)
        #expect(use.kilobytes <= most, "round \(round): \(before) before, \(uses + [use]) after")
        uses.append(use)
        print(
          "hostile scripts: round \(round): \(attacks.count): \(counts); /health: \(report); without: \(calm), "
            + "\(machine.description(beside: calm)); before \(before), after \(use)")
      }
    }
  }

  /// Printed, so that what a sample has found can be found again.
  private static func sample(of all: [ScriptAttack]) -> [ScriptAttack] {
    var random = SeededGenerator(seed: seed)
    let chosen = Array(all.shuffled(using: &random).prefix(sample))
    print(
      "hostile scripts: STACK_DEPLOY_HOSTILE_SEED=\(seed) chooses "
        + chosen.map(\.name).joined(separator: ", "))
    return chosen
  }

  /// All of them once.
  /// - Returns: how many ended how.
  private static func attack(
    _ server: AttackedServer, _ attacks: [ScriptAttack], on machine: Machine
  ) async throws -> String {
    let process = server.process.process.pid
    let before = try ServerWorkers.timeOfEnded(of: process)
    var left = attacks[...]
    var open: [Int: (attack: ScriptAttack, since: ContinuousClock.Instant, isCancelled: Bool)] = [:]
    var counts: [String: Int] = [:]
    while !left.isEmpty || !open.isEmpty {
      while open.count < lanes, let attack = left.popFirst() {
        open[try await server.begin(attack)] = (attack, .now, false)
      }
      try await Task.sleep(for: .milliseconds(100))
      let unfinished = try await server.open()
      for (run, begun) in open {
        if !unfinished.contains(run) {
          let status = try await server.status(of: run)
          // What is listed is stored a moment before it is shown.
          guard ScriptAttack.isOver(status) else { continue }
          open[run] = nil
          let verdict = begun.attack.verdict(status)
          if begun.isCancelled, machine.isCalm, status["sequence"]?.intValue ?? 0 <= silent {
            Issue.record("\(begun.attack.name) has asked the host for nothing, and did not end within \(patience)")
          }
          counts[verdict.how, default: 0] += 1
          if let problem = verdict.problem { Issue.record("\(begun.attack.name): \(problem)") }
        } else if ContinuousClock.now - begun.since > patience, !begun.isCancelled {
          try await server.cancel(run)
          open[run] = (begun.attack, .now, true)
        } else if begun.isCancelled, ContinuousClock.now - begun.since > .seconds(30) {
          throw CommandFailure("\(begun.attack.name) is not over 30 s after it was cancelled")
        }
      }
    }
    let used = try ServerWorkers.timeOfEnded(of: process) - before
    #expect(used <= cpu * attacks.count, "\(attacks.count) attacks took \(used) of CPU time")
    return counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      + ", \(used) of CPU time"
  }
}
