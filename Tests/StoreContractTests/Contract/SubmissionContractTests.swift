import Concurrency
import Store
import Testing

@Suite struct SubmissionContractTests {
  private func submission(_ key: String, user: String = "anna", digest: String = "d") -> Submission {
    Submission(user: user, key: key, digest: digest)
  }

  private func draft(after: Duration = .zero) -> RunRecord {
    var draft = Sample.run()
    draft.createdAt = Sample.time + after
    return draft
  }

  @Test(arguments: StoreFactory.all)
  func aKeyStandsForOneRun(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch async throws in
      let first = try await store.createRun(draft(), submission: submission("k"), epoch: epoch)
      var expected = draft()
      expected.id = RunID(1)
      #expect(first == .created(expected))
      let again = try await store.createRun(draft(), submission: submission("k", digest: "e"), epoch: epoch)
      #expect(again == .submittedBefore(RunID(1), digest: "d"))
      #expect(try await store.run(RunID(2)) == nil)
      // Of another user, or another key.
      for other in [submission("k", user: "bob"), submission("K"), submission("k", user: "")] {
        let created = try await store.createRun(draft(), submission: other, epoch: epoch)
        guard case .created = created else {
          Issue.record("\(other) gave \(created)")
          continue
        }
      }
      #expect(try await store.submittedRun(key: "k", user: "anna", since: Sample.time)?.run == RunID(1))
      #expect(try await store.submittedRun(key: "k", user: "anna", since: Sample.time)?.digest == "d")
      #expect(try await store.submittedRun(key: "none", user: "anna", since: Sample.time) == nil)
    }
  }

  @Test(arguments: StoreFactory.all)
  func keysLiveForTheirTime(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch async throws in
      _ = try await store.createRun(draft(), submission: submission("k"), epoch: epoch)
      let late = draft(after: Submission.lifetime)
      #expect(
        try await store.createRun(late, submission: submission("k"), epoch: epoch)
          == .submittedBefore(RunID(1), digest: "d"))
      #expect(try await store.submittedRun(key: "k", user: "anna", since: Sample.time + .milliseconds(1)) == nil)
      let later = draft(after: Submission.lifetime + .milliseconds(1))
      guard case .created(let record) = try await store.createRun(later, submission: submission("k"), epoch: epoch)
      else {
        Issue.record("the key still stands for the first run")
        return
      }
      #expect(record.id == RunID(2))
      // With the run goes the key.
      try await store.removeRun(RunID(2), epoch: epoch)
      #expect(try await store.submittedRun(key: "k", user: "anna", since: Sample.time) == nil)
      guard case .created = try await store.createRun(later, submission: submission("k"), epoch: epoch) else {
        Issue.record("the key stands for a run that is gone")
        return
      }
    }
  }

  @Test(arguments: StoreFactory.all)
  func ofManyAtOnceOneCreatesTheRun(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, epoch async throws in
      let outcomes = try await withThrowingTaskGroup(of: RunCreation.self) { group in
        for _ in 0..<20 {
          group.addTask { try await store.createRun(draft(), submission: submission("k"), epoch: epoch) }
        }
        return try await group.reduce(into: [RunCreation]()) { $0.append($1) }
      }
      let created = outcomes.filter { outcome in
        if case .created = outcome { true } else { false }
      }
      #expect(created.count == 1)
      #expect(try await store.runs(matching: RunFilter(), after: nil, limit: 10).elements.count == 1)
    }
  }

  @Test(arguments: StoreFactory.all)
  func aStackIsRemovedOnlyIfItIsTheOneThatWasSeen(_ factory: StoreFactory) async throws {
    try await factory.withServer { store, _ async throws in
      try await store.add(Sample.stack("s"))
      try await store.add(Sample.stack("s", revision: 2))
      let error = await #expect(throws: StoreError.self) { try await store.removeStack(named: "s", ifLatest: 1) }
      #expect(error?.code == .changed)
      #expect(try await store.stack(named: "s", revision: nil)?.revision == 2)
      try await store.removeStack(named: "s", ifLatest: 2)
      #expect(try await store.stack(named: "s", revision: nil) == nil)
      let gone = await #expect(throws: StoreError.self) { try await store.removeStack(named: "s", ifLatest: 2) }
      #expect(gone?.code == .notFound)
    }
  }
}
