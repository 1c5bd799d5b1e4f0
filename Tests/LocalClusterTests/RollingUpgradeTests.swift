import Testing

@testable import LocalCluster

@Suite struct RollingUpgradeTests {
  private static func upgrade(
    _ instances: Int, _ minimum: Double, _ over: Double, old: Int = 0, leaving: Int = 0, new: Int = 0, ready: Int = 0
  ) -> RollingUpgrade {
    RollingUpgrade(
      instances: instances,
      strategy: .init(minimumHealthCapacity: minimum, maximumOverCapacity: over), old: old, oldLeaving: leaving,
      new: new, newReady: ready, newLeaving: 0)
  }

  @Test func halfCapacityKillsHalfAtOnceAndStartsWhatFits() {
    let begin = Self.upgrade(4, 0.5, 0, old: 4)
    #expect(begin.kill == 2)
    #expect(begin.launch == 0)
    #expect(Self.upgrade(4, 0.5, 0, old: 2, leaving: 2).launch == 0)
    #expect(Self.upgrade(4, 0.5, 0, old: 2).launch == 2)
    #expect(Self.upgrade(4, 0.5, 0, old: 2, new: 2, ready: 1).kill == 1)
  }

  @Test func fullCapacityWithoutRoomGetsOneMore() {
    let begin = Self.upgrade(3, 1, 0, old: 3)
    #expect(begin.maximum == 4)
    #expect(begin.kill == 0)
    #expect(begin.launch == 1)
    #expect(Self.upgrade(3, 1, 0, old: 3, new: 1, ready: 1).kill == 1)
    #expect(Self.upgrade(3, 1, 0, old: 2, leaving: 1, new: 1, ready: 1).launch == 0)
    #expect(Self.upgrade(3, 1, 0, old: 2, new: 1, ready: 1).launch == 1)
  }

  @Test func noMinimumReplacesAll() {
    let begin = Self.upgrade(3, 0, 0, old: 3)
    #expect(begin.kill == 3)
    #expect(begin.launch == 0)
    #expect(Self.upgrade(3, 0, 0).launch == 3)
  }

  @Test(arguments: [(1.0, 1.0), (1, 0), (0.5, 0), (0.5, 0.25), (0, 0), (0, 1), (0.9, 0.1)])
  func anUpgradeNeverGoesBelowOrAboveAndEnds(_ capacities: (Double, Double)) {
    for instances in 0...7 {
      var state = Self.upgrade(instances, capacities.0, capacities.1, old: instances)
      var steps = 0
      while !state.isOver {
        steps += 1
        guard steps < 100 else {
          Issue.record("\(instances) instances with \(capacities) never end: \(state)")
          break
        }
        let killed = state.kill
        state.old -= killed
        state.oldLeaving += killed
        #expect(state.old + state.newReady >= min(state.minimumUp, instances))
        state.new += state.launch
        #expect(state.old + state.oldLeaving + state.new <= state.maximum || state.new == 0)
        // One thing happens at a time.
        if state.oldLeaving > 0 {
          state.oldLeaving -= 1
        } else if state.newReady < state.new {
          state.newReady += 1
        }
      }
    }
  }
}
