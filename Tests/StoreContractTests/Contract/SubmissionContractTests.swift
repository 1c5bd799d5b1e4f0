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

  /// As with runs; what a key stands for is a revision of one stack.
  @Test(arguments: StoreFactory.all)
  func aKeyStandsForOneRevision(_ factory: StoreFactory) async throws {
    try await factory.withStore { store in
      func add(_ name: String, _ revision: Int, _ key: String, user: String = "anna", after: Duration = .zero)
        async throws -> RevisionCreation
      {
        let plain = Sample.stack(name, revision: revision)
        let record = StackRecord(
          name: name, revision: revision, source: plain.source, file: "", stack: plain.stack,
          addedAt: Sample.time + after, addedBy: user)
        return try await store.add(record, contents: [], submission: submission(key, user: user))
      }
      #expect(try await add("s", 1, "k") == .created)
      for revision in [1, 2, 7] {
        #expect(try await add("s", revision, "k") == .submittedBefore(revision: 1, digest: "d"))
      }
      #expect(try await store.stack(named: "s", revision: nil)?.revision == 1)
      // Another key, another user, another stack; and a refused addition leaves its key free.
      await expectFailure(.exists) { try await add("s", 1, "refused") }
      #expect(try await add("s", 2, "refused") == .created)
      #expect(try await add("s", 3, "k", user: "bob") == .created)
      #expect(try await add("t", 1, "k") == .created)
      let found = try await store.submittedRevision(of: "s", key: "k", user: "bob", since: Sample.time)
      #expect(found?.revision == 3)
      #expect(found?.digest == "d")
      #expect(try await store.submittedRevision(of: "s", key: "K", user: "bob", since: Sample.time) == nil)
      let late = Sample.time + .milliseconds(1)
      #expect(try await store.submittedRevision(of: "s", key: "k", user: "bob", since: late) == nil)
      let lifetime = Submission.lifetime
      #expect(try await add("s", 4, "k", after: lifetime) == .submittedBefore(revision: 1, digest: "d"))
      #expect(try await add("s", 4, "k", after: lifetime + .milliseconds(1)) == .created)
      // With the stack go its keys.
      try await store.removeStack(named: "t")
      #expect(try await add("t", 1, "k") == .created)
    }
  }

  @Test(arguments: StoreFactory.all)
  func ofManyAtOnceOneAddsTheRevision(_ factory: StoreFactory) async throws {
    try await factory.withStore { store in
      let outcomes = try await withThrowingTaskGroup(of: RevisionCreation.self) { group in
        for _ in 0..<20 {
          group.addTask { try await store.add(Sample.stack("s"), contents: [], submission: submission("k")) }
        }
        return try await group.reduce(into: [RevisionCreation]()) { $0.append($1) }
      }
      #expect(outcomes.filter { $0 == .created }.count == 1)
      #expect(outcomes.filter { $0 == .submittedBefore(revision: 1, digest: "d") }.count == 19)
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
