import MarathonClient
import Testing

/// The decisions of the event stream, without clock or network.
struct EventStreamStateTests {
  private let settings = MarathonEventStream.Settings(
    firstPause: .seconds(1), longestPause: .seconds(8), firstPauseAfterRefusal: .seconds(10),
    longestPauseAfterRefusal: .seconds(20), goodLife: .seconds(20), seed: 7)

  /// The pause at the end of an action, and the notice before it.
  private func pause(_ action: EventStreamState.Action) throws -> (EventStreamState.Notice, Duration) {
    guard case .yield(let notice, then: .wait(let pause)) = action else {
      throw Unexpected(description: "\(action)")
    }
    return (notice, pause)
  }

  private struct Unexpected: Error, CustomStringConvertible { let description: String }

  @Test func aGoodDay() throws {
    var state = EventStreamState(settings)
    #expect(state.handle(.started) == .connect)
    #expect(state.handle(.opened) == .yield(.connected, then: .read))
    let (notice, first) = try pause(state.handle(.ended(reason: "closed", after: .seconds(100))))
    #expect(notice == .disconnected(reason: "closed"))
    #expect(first >= .milliseconds(500) && first <= .seconds(1))
    #expect(state.handle(.waited) == .connect)
    #expect(state.handle(.opened) == .yield(.connected, then: .read))
  }

  @Test func pausesGrowWithJitterUpToTheLongest() throws {
    var state = EventStreamState(settings)
    var pauses: [Duration] = []
    _ = state.handle(.started)
    for _ in 0..<8 {
      let (notice, pause) = try pause(state.handle(.unreachable(reason: "refused")))
      #expect(notice == .unavailable(reason: "refused"))
      pauses.append(pause)
      _ = state.handle(.waited)
    }
    for (pause, full) in zip(pauses, [1, 2, 4, 8, 8, 8, 8, 8]) {
      #expect(pause >= .milliseconds(500 * full) && pause <= .seconds(full))
    }
    #expect(Set(pauses).count == pauses.count)

    var again = EventStreamState(settings)
    _ = again.handle(.started)
    #expect(try self.pause(again.handle(.unreachable(reason: "refused"))).1 == pauses[0])
  }

  @Test func aStreamThatEndsAtOnceIsNoReasonToHurry() throws {
    var state = EventStreamState(settings)
    _ = state.handle(.started)
    var pauses: [Duration] = []
    for life in [1, 1, 1, 30, 1] {
      _ = state.handle(.opened)
      pauses.append(try pause(state.handle(.ended(reason: "closed", after: .seconds(life)))).1)
      _ = state.handle(.waited)
    }
    for (pause, full) in zip(pauses, [1, 2, 4, 1, 2]) {
      #expect(pause >= .milliseconds(500 * full) && pause <= .seconds(full))
    }
  }

  @Test func aRefusedStreamIsTriedAgainSlowly() throws {
    var state = EventStreamState(settings)
    _ = state.handle(.started)
    for full in [10, 20, 20] {
      let (notice, pause) = try pause(state.handle(.refused(reason: "405")))
      #expect(notice == .unavailable(reason: "405"))
      #expect(pause >= .milliseconds(500 * full) && pause <= .seconds(full))
      #expect(state.handle(.waited) == .connect)
    }
    _ = state.handle(.opened)
    _ = state.handle(.ended(reason: "", after: .seconds(50)))
    _ = state.handle(.waited)
    #expect(try pause(state.handle(.refused(reason: "405"))).1 <= .seconds(10))
  }
}
