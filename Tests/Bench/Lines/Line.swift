/// One thing that is measured: `scripts/bench NAME`.
struct Line: Sendable {
  var name: String
  var summary: String
  var measure: @Sendable (Bench) async throws -> [Measurement]

  static let all: [Line] = [
    Line(name: "start", summary: "from the start of the process to the first answers") {
      try await StartLines.start($0)
    },
    Line(name: "idle", summary: "memory and CPU time of a server with nothing to do") { try await StartLines.idle($0) },
    Line(name: "runs", summary: "runs of 1 to 10,000 independent applications, from the request to the last event") {
      try await RunLines.independent($0)
    },
    Line(name: "chain", summary: "a run of 50 applications in a chain, each healthy 300 ms after its start") {
      try await RunLines.chain($0)
    },
    Line(name: "requests", summary: "/list and /get under wrk, with keys") { try await RequestLines.measure($0) },
    Line(name: "streams", summary: "1,000 clients that follow a run's events") { try await StreamLines.measure($0) },
    Line(name: "journal", summary: "journal entries made durable") { try await JournalLines.measure($0) },
    Line(name: "scripts", summary: "Lua scripts: their start, calls to the host, memory") {
      try await ScriptLines.measure($0)
    },
    Line(name: "hooks", summary: "a run with 1,000 Lua hooks") { try await HookLines.hooks($0) },
    Line(name: "documents", summary: "documents that scripts of 100 runs write") { try await HookLines.documents($0) },
    Line(name: "approvals", summary: "1,000 runs that wait for an approval") { try await HookLines.approvals($0) },
    Line(name: "growth", summary: "stores of 100,000 stacks, of 10,000 runs, of 1,000,000 journal entries, of all") {
      try await GrowthLines.measure($0)
    },
  ]
}
