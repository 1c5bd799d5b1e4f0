import Concurrency
import JSON
import ScriptHost

extension RunDriver {
  /// Performs what a script has called for. `nil` where the server stops before there is an answer.
  func perform(_ order: RunStateMachine.CallOrder) async -> HostAnswer? {
    let arguments = order.call.arguments
    switch order.call.function {
    case "time.sleep":
      let end = order.since + (arguments.duration("duration") ?? .zero)
      do {
        try await environment.time.sleep(for: max(.zero, end - environment.time.now()))
        return .result(.null)
      } catch {
        return nil
      }
    default:
      return .failure(HostCallFailure(.internal, "\(order.call.function) cannot be performed here"))
    }
  }
}
