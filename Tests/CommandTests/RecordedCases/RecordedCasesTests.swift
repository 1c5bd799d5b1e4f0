import Glibc
import Testing

/// Recorded sessions with the original, replayed with our program: commands with the real one, requests over HTTP,
/// against a Marathon that answers as the recording says.
@Suite struct RecordedCasesTests {
  /// Side by side, because most of a replay is waiting.
  private static let lanes = 6

  @Test func whatWorkedWithTheOriginalWorksHere() async throws {
    for folder in CaseFiles.folders {
      try await Self.check(try CaseFiles.cases(in: folder), with: .ours, as: "recorded cases")
    }
  }

  /// Those in which a command line asks a server, one command after another.
  @Test func theOriginalsCommandLineWorksWithOurServer() async throws {
    for folder in CaseFiles.folders {
      let cases = try CaseFiles.cases(in: folder).filter { $0.asksServers && !$0.hasBackground }
      try await Self.check(cases, with: .original, as: "recorded cases, the original's command line")
    }
  }

  private static func check(
    _ all: [RecordedCase], with commands: CaseReplay.Commands, as title: String
  ) async throws {
    let only = getenv("STACK_DEPLOY_TEST_CASES_ONLY").map { String(cString: $0) } ?? ""
    let cases = all.filter { $0.name.hasPrefix(only) }
    var verdicts = CaseVerdicts()
    for verdict in await replay(cases, with: commands) { verdicts.add(verdict) }
    let line = "\(title): \(cases.count) cases, \(verdicts.summary)"
    print(line)
    for text in verdicts.wrong.prefix(20) { Issue.record("\(text)") }
    #expect(verdicts.wrong.isEmpty, "\(line)")
  }

  private static func replay(
    _ cases: [RecordedCase], with commands: CaseReplay.Commands
  ) async -> [CaseVerdicts] {
    await withTaskGroup(of: (Int, CaseVerdicts).self) { group in
      var results: [(Int, CaseVerdicts)] = []
      for (index, recorded) in cases.enumerated() {
        if index >= lanes, let result = await group.next() { results.append(result) }
        group.addTask {
          do {
            return (index, CaseVerdicts(recorded, try await CaseReplay.observations(of: recorded, with: commands)))
          } catch {
            var verdicts = CaseVerdicts()
            verdicts.wrong = ["\(error)"]
            return (index, verdicts)
          }
        }
      }
      for await result in group { results.append(result) }
      return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }
}
