import Concurrency
import EngineFakes
import JSON
import StackModel
import Store
import Testing

@testable import Engine

/// The copy of a machine that others see catches up with what has changed, and with nothing less; and whatever rests is
/// going to be woken.
@Suite struct PublishingTests {
  @Test(arguments: 0..<20 as Range<UInt64>) func aCopyIsTheMachine(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var bench = StateMachineTests.Bench(
      stack(application("a"), application("b", after: ["a"]), application("c"), application("d", after: ["b", "c"])))
    var copy = bench.machine
    var open: [RunStateMachine.Action] = []
    func check() {
      bench.machine.publish(to: &copy)
      #expect(copy.status == bench.machine.status)
      #expect(Array(copy.walks).map(\.token) == Array(bench.machine.walks).map(\.token))
      #expect(copy.walks.open == bench.machine.walks.filter { $0.state != .done && $0.state != .skipped }.count)
      for case .resting(let until) in bench.machine.walks.map(\.activity) {
        #expect(bench.machine.armedWake.map { $0 <= until } == true)
      }
    }
    bench.feed(.begin)
    check()
    bench.feed(.lockAcquired)
    bench.feed(.clusterInfo(.success(ClusterInfo(id: "c", version: "1", mesosMaster: "m"))))
    open += bench.open
    check()
    // Whatever is open is answered, in any order, well or with a passing failure, with hints in between.
    for _ in 0..<400 where bench.machine.phase != .over {
      if open.isEmpty || Int.random(in: 0..<8, using: &random) == 0 {
        bench.feed(.woke, after: .seconds(11))
      } else {
        let action = open.remove(at: Int.random(in: 0..<open.count, using: &random))
        if let event = answer(action, fails: Int.random(in: 0..<6, using: &random) == 0) {
          bench.feed(event, after: .milliseconds(1))
        }
      }
      open += bench.open
      if Bool.random(using: &random) { check() }
    }
    #expect(bench.machine.state == .succeeded)
    check()
    #expect(copy.variables["mesos.master"] == "m")
  }

  private func answer(_ action: RunStateMachine.Action, fails: Bool) -> RunStateMachine.Event? {
    switch action {
    case .observe(let order):
      if fails {
        return .observed(application: order.application, token: order.token, .failure(.init(.unavailable, "not now")))
      }
      var seen = RunStateMachine.Observation()
      // Before the change there is nothing; then it runs.
      if !order.wantsOwner {
        seen.live = LiveApplication(
          id: order.clusterID, version: "v", definition: [:], instances: 1, tasksRunning: 1,
          tasks: [LiveTask(id: "t", host: "h", ports: [1], state: "TASK_RUNNING")])
      }
      return .observed(application: order.application, token: order.token, .success(seen))
    case .change(let order):
      if fails {
        return .changed(application: order.application, token: order.token, .failure(.init(.unavailable, "not now")))
      }
      return .changed(
        application: order.application, token: order.token, .success(ClusterChange(deployment: nil, version: "v")))
    default: return nil
    }
  }

  @Test func aHintReachesTheApplicationItIsOf() throws {
    var bench = StateMachineTests.Bench(stack(application("a"), application("b")))
    bench.start()
    bench.feed(.hint(.connected))
    for action in bench.open {
      if case .observe(let order) = action, order.application == "a" {
        bench.feed(.observed(application: "a", token: order.token, .failure(.init(.unavailable, "not now"))))
      }
    }
    bench.feed(.hint(.changed(applications: ["/nobody"])))
    #expect(bench.observation == nil)
  }
}

/// SplitMix64.
private struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
