import Concurrency
import Engine
import EngineFakes
import FaultInjection
import JSON
import ScriptHost
import StackModel
import Store
import Testing

/// Documents that scripts keep.
@Suite struct ScriptedDocumentTests {
  /// The failure that a call raises.
  private static func failure(
    _ call: FakeScripts.Call, _ function: String, _ arguments: [JSON], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> HostCallFailure {
    do {
      let result = try await call(function, arguments)
      Issue.record("it should have been refused, and gave \(result)", sourceLocation: sourceLocation)
      return HostCallFailure(.internal, "")
    } catch let failure as HostCallFailure {
      return failure
    }
  }

  @Test func aScriptKeepsDocuments() async throws {
    let world = try await World.scripted { _, call in
      #expect(try await call("cassandra.get", ["web/active"]) == .null)
      #expect(try await call("cassandra.put", ["web/active", ["color": "green"]]) == .null)
      #expect(try await call("cassandra.get", ["web/active"]) == ["color": "green"])
      _ = try await call("cassandra.put", ["web/active", "blue"])
      #expect(try await call("cassandra.get", ["web/active"]) == "blue")
      _ = try await call("cassandra.put", ["db", 1])
      #expect(try await call("cassandra.list", []) == ["db", "web/active"])
      #expect(try await call("cassandra.list", ["web/"]) == ["web/active"])
      #expect(try await call("cassandra.list", ["", ["limit": 1]]) == ["db"])
      #expect(try await call("cassandra.list", ["", ["after": "db"]]) == ["web/active"])
      #expect(try await call("cassandra.delete", ["db"]) == true)
      #expect(try await call("cassandra.delete", ["db"]) == false)
    }
    #expect(try await world.run().state == .succeeded)
    // The next run of the stack finds them, and `down` leaves them.
    world.scripts["script"] = { _, call async throws in
      #expect(try await call("cassandra.get", ["web/active"]) == "blue")
    }
    #expect(try await world.run().state == .succeeded)
    let down = try await world.serve(world.engine()) { engine in
      try await engine.waitUntilFinal(try await engine.submit(RunRequest(kind: .down, stack: "s", user: "u")))
    }
    #expect(down.state == .succeeded)
    #expect(try await world.store.documentCount(of: "s") == 1)
  }

  @Test func valuesAreNotShown() async throws {
    let world = try await World.scripted { _, call in
      _ = try await call("cassandra.put", ["web/key", ["secret": "zebra"]])
      _ = try await call("cassandra.get", ["web/key"])
    }
    #expect(try await world.run().state == .succeeded)
    var shown = 0
    for record in try await world.store.journal(of: RunID(1), after: 0, limit: 1_000) {
      let event = try #require(RunEvent(record, of: RunID(1)))
      #expect(!event.sentence.contains("zebra"), "\(event)")
      #expect(!event.data.text.contains("zebra"), "\(event)")
      if event.sentence.contains("cassandra.put"), event.sentence.contains("web/key") { shown += 1 }
    }
    #expect(shown > 0)
  }

  @Test func aDocumentGoesWhenItsTimeIsOver() async throws {
    let world = try await World.scripted { _, call in
      _ = try await call("cassandra.put", ["short", 1, ["ttl": "1m"]])
      #expect(try await call("cassandra.get", ["short"]) == 1)
    }
    #expect(try await world.run().state == .succeeded)
    world.time.advance(by: .seconds(60))
    world.scripts["script"] = { _, call async throws in
      #expect(try await call("cassandra.get", ["short"]) == .null)
      #expect(try await call("cassandra.list", []) == [])
      #expect(try await call("cassandra.delete", ["short"]) == false)
    }
    #expect(try await world.run().state == .succeeded)
  }

  /// A write that has been answered has taken effect, whatever the clock says.
  @Test func aClockThatIsSetBackLosesNothing() async throws {
    let world = try await World.scripted { _, call in _ = try await call("cassandra.put", ["k", "first"]) }
    #expect(try await world.run().state == .succeeded)
    let late = DocumentWrite(
      stack: "s", key: "k", version: world.time.now() + .seconds(3_600), change: .put("future", expiresAt: nil))
    let epoch = try await world.store.beginEpoch()
    let other = try await world.store.createRun(
      RunRecord(
        id: RunID(0), kind: .deploy, stack: "t", zone: "", state: .failed, snapshot: .null,
        createdAt: world.time.now(), createdBy: ""), epoch: epoch)
    try await world.store.appendJournal(
      [JournalRecord(sequence: 1, at: world.time.now(), path: "", kind: "x", body: .null)], documents: [late],
      to: other.id, epoch: epoch)
    world.scripts["script"] = { _, call async throws in
      _ = try await call("cassandra.put", ["k", "second"])
      #expect(try await call("cassandra.get", ["k"]) == "second")
      #expect(try await call("cassandra.delete", ["k"]) == true)
      #expect(try await call("cassandra.get", ["k"]) == .null)
    }
    #expect(try await world.run().state == .succeeded)
  }

  @Test func whatIsOutOfBoundsIsRefusedByName() async throws {
    let world = try await World.scripted { _, call in
      for function in ["cassandra.get", "cassandra.delete"] {
        let failure = try await Self.failure(call, function, [""])
        #expect(failure.code == .invalidArgument && failure.message.contains("(key)"), "\(failure)")
      }
      for (arguments, word) in [
        (["", 1], "empty"), ([.string(String(repeating: "é", count: 257)), 1], "514 bytes; 512"),
        (["a\nb", 1], "control"), (["a\u{85}", 1], "control"), (["a"], "cassandra.delete"),
        (["a", .string(String(repeating: "x", count: 256 << 10))], "262146 bytes as JSON; 256 KiB"),
        (["a", 1, ["ttl": "999ms"]], "from 1s to 175200h"), (["a", 1, ["ttl": "175201h"]], "from 1s to 175200h"),
      ] as [([JSON], String)] {
        let failure = try await Self.failure(call, "cassandra.put", arguments)
        #expect(failure.code == .invalidArgument && failure.message.contains(word), "\(failure)")
      }
      for limit in [0, 1_001] as [JSON] {
        let failure = try await Self.failure(call, "cassandra.list", ["", ["limit": limit]])
        #expect(failure.code == .invalidArgument && failure.message.contains("from 1 to 1000"), "\(failure)")
      }
      // As much as is allowed.
      let key = JSON.string(String(repeating: "é", count: 256))
      let value = JSON.string(String(repeating: "x", count: (256 << 10) - 2))
      _ = try await call("cassandra.put", [key, value, ["ttl": "175200h"]])
      #expect(try await call("cassandra.get", [key]) == value)
      #expect(try await call("cassandra.list", []) == [key])
    }
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
  }

  /// Fills a stack by another run's journal, in one commit.
  private func fill(_ world: World, _ count: Int, expires: Timestamp? = nil) async throws {
    let epoch = try await world.store.beginEpoch()
    let now = world.time.now()
    let run = try await world.store.createRun(
      RunRecord(
        id: RunID(0), kind: .deploy, stack: "t", zone: "", state: .failed, snapshot: .null, createdAt: now,
        createdBy: ""), epoch: epoch)
    let writes = (0..<count).map {
      DocumentWrite(stack: "s", key: "k\($0)", version: now, change: .put(1, expiresAt: expires))
    }
    try await world.store.appendJournal(
      [JournalRecord(sequence: 1, at: now, path: "", kind: "x", body: .null)], documents: writes, to: run.id,
      epoch: epoch)
  }

  @Test func aListThatIsTooLongSaysSo() async throws {
    let world = try await World.scripted { _, call in
      let failure = try await Self.failure(call, "cassandra.list", ["k"])
      #expect(failure.code == .invalidArgument)
      #expect(failure.message.contains("more than 1000 documents") && failure.message.contains("after"), "\(failure)")
      let first = try await call("cassandra.list", ["k", ["limit": 1_000]]).arrayValue ?? []
      #expect(first.count == 1_000)
      let rest = try await call("cassandra.list", ["k", ["after": first.last ?? .null]]).arrayValue ?? []
      #expect(rest.count == 1)
    }
    try await fill(world, 1_001)
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
  }

  @Test func aStackHasRoomForSoManyDocuments() async throws {
    let world = try await World.scripted { _, call in
      let failure = try await Self.failure(call, "cassandra.put", ["new", 1])
      #expect(failure.code == .denied && failure.message.contains("100000 documents"), "\(failure)")
      _ = try await call("cassandra.put", ["k0", 2])
      _ = try await call("cassandra.delete", ["k1"])
      _ = try await call("cassandra.put", ["new", 1])
    }
    try await fill(world, 100_000)
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(try await world.store.documentCount(of: "s") == 100_000)
  }

  @Test func thoseWhoseTimeIsOverMakeRoom() async throws {
    let world = try await World.scripted { _, call in _ = try await call("cassandra.put", ["new", 1]) }
    try await fill(world, 100_000, expires: world.time.now())
    let status = try await world.run()
    #expect(status.state == .succeeded, "\(status)")
    #expect(try await world.store.documentCount(of: "s") == 1)
  }

  /// A script that counts would show a write that was made twice, or lost.
  @Test func aKilledServerWritesOnce() async throws {
    let body: FakeScripts.Body = { _, call in
      for _ in 0..<3 {
        let count = try await call("cassandra.get", ["count"])["n"]?.intValue ?? 0
        _ = try await call("cassandra.put", ["count", ["n": .integer(Int64(count + 1))]])
      }
      _ = try await call("cassandra.put", ["gone", true])
      #expect(try await call("cassandra.delete", ["gone"]) == true)
      #expect(try await call("cassandra.list", []) == ["count"])
    }
    let calm = try await World.scripted(body)
    #expect(try await calm.run().state == .succeeded)
    let entries = try await calm.store.journal(of: RunID(1), after: 0, limit: 1_000)
    #expect(entries.count(where: { $0.kind == "answered" }) == 9)
    #expect(entries.count(where: { $0.kind == "called" }) == 0, "a write and its answer are one entry")
    for kill in 1...entries.count {
      let world = try await World.scripted(body)
      let status = try await world.runOverRestart(atEntry: kill)
      #expect(status.state == .succeeded, "after entry \(kill): \(status)")
      let now = world.time.now()
      #expect(try await world.store.document("count", of: "s", at: now)?.value == ["n": 3], "after entry \(kill)")
      #expect(try await world.store.documentCount(of: "s") == 1, "after entry \(kill)")
    }
  }

  @Test func anotherValueTheSecondTimeBlocksAndShowsNone() async throws {
    let isKilled = AsyncSignal()
    let world = try await World.scripted { _, call in
      _ = try await call("cassandra.put", ["color", isKilled.isFired ? "zebra" : "tiger"])
      if !isKilled.isFired {
        isKilled.fire()
        try await Task.sleep(for: .seconds(3600))
      }
    }
    let status = try await world.runOverRestart(when: isKilled)
    #expect(status.state == .blocked)
    let reason = status.failure?.reason ?? ""
    #expect(reason.contains("call 1, cassandra.put {\"key\":\"color\"}") && reason.contains("differs"), "\(status)")
    #expect(!reason.contains("zebra") && !reason.contains("tiger"), "\(status)")
  }
}
