import JSON
import Store
import Testing

@Suite struct ConcurrencyContractTests {
  @Test(arguments: StoreFactory.all)
  func hundredRunsAppendAtOnce(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      try await withThrowingTaskGroup(of: RunID.self) { group in
        for _ in 0..<100 {
          group.addTask {
            let run = try await store.createRun(Sample.run(state: .running), epoch: epoch)
            for sequence in stride(from: Int64(1), through: 20, by: 2) {
              let lines = [Sample.line(sequence), Sample.line(sequence + 1)]
              try await store.appendJournal(lines, to: run.id, epoch: epoch)
            }
            return run.id
          }
        }
        var ids: Set<RunID> = []
        for try await id in group {
          ids.insert(id)
          #expect(try await store.journal(of: id, after: 0, limit: 100) == (1...20).map { Sample.line($0) })
        }
        #expect(ids == Set((1...100).map { RunID($0) }))
      }
    }
  }

  private static func outcome<Result>(_ body: () async throws -> Result) async -> StoreError.Code? {
    do {
      _ = try await body()
      return nil
    } catch {
      return (error as? StoreError)?.code ?? .unavailable
    }
  }

  /// Of all that set out from the same state one wins, in every kind of compare-and-set.
  @Test(arguments: StoreFactory.all)
  func oneOfManyWins(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch in
      let run = try await store.createRun(Sample.run(), epoch: epoch)
      let user = Sample.user("u")
      try await store.add(user)
      try await store.add(Sample.stack("revised"))
      typealias Race = (name: String, loser: StoreError.Code, attempt: @Sendable (Int) async throws -> Void)
      let races: [Race] = [
        ("update", .changed, { _ in _ = try await store.updateRun(run, epoch: epoch) }),
        (
          "append", .changed,
          { try await store.appendJournal([Sample.line(1, .integer(Int64($0)))], to: run.id, epoch: epoch) }
        ),
        ("claim", .exists, { try await store.putOwnership(Sample.ownership("/a", stack: "s\($0)"), epoch: epoch) }),
        ("add stack", .exists, { _ in try await store.add(Sample.stack("new")) }),
        ("add revision", .changed, { _ in try await store.add(Sample.stack("revised", revision: 2)) }),
        ("add user", .exists, { _ in try await store.add(Sample.user("new")) }),
        ("replace user", .changed, { try await store.replace(user, with: Sample.user("u", byte: UInt8($0 + 2))) }),
      ]
      for race in races {
        let outcomes = await withTaskGroup(of: StoreError.Code?.self) { group in
          for number in 0..<20 {
            group.addTask { await Self.outcome { try await race.attempt(number) } }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == nil }.count == 1, "\(race.name)")
        #expect(outcomes.filter { $0 == race.loser }.count == 19, "\(race.name)")
      }
    }
  }

  /// Begun while others write: each write is in before the take-over or not at all.
  @Test(arguments: StoreFactory.all)
  func takingOverWhileOthersWrite(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, old in
      let runs = try await withThrowingTaskGroup(of: RunRecord.self) { group in
        for _ in 0..<10 { group.addTask { try await store.createRun(Sample.run(), epoch: old) } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      let stored = await withTaskGroup(of: (RunID, Int64).self) { group in
        for run in runs {
          group.addTask {
            var last: Int64 = 0
            // Bounded, should the take-over never be noticed.
            while last < 10_000 {
              let code = await Self.outcome {
                try await store.appendJournal([Sample.line(last + 1)], to: run.id, epoch: old)
              }
              if let code {
                #expect(code == .staleEpoch)
                break
              }
              last += 1
              await Task.yield()
            }
            return (run.id, last)
          }
        }
        group.addTask {
          let code = await Self.outcome { try await store.beginEpoch() }
          #expect(code == nil)
          return (RunID(0), 0)
        }
        return await group.reduce(into: [RunID: Int64]()) { $0[$1.0] = $1.1 }
      }
      for run in runs {
        let last = try await store.journal(of: run.id, after: 0, limit: .max).last?.sequence ?? 0
        #expect(last == stored[run.id], "what was answered as stored, and no more")
      }
    }
  }
}
