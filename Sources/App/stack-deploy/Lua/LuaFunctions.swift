import Concurrency
import JSON
import ScriptHost

/// What `lua run` performs of the host's functions: those that need no run.
final class LuaFunctions: Sendable {
  static let all = HostFunctions.all.filter { $0.isPure || lines.contains($0.name) || $0.name == sleep }

  private static let lines = ["log.debug", "log.info", "log.warn", "log.error"]
  private static let sleep = "time.sleep"

  private let seed: (UInt64, UInt64)
  private let lastAnswer = Locked(Timestamp.systemNow())

  init(seed: (UInt64, UInt64)) { self.seed = seed }

  func perform(_ call: HostCall) async -> HostAnswer {
    guard let function = HostFunctions.named(call.function) else {
      return .failure(HostCallFailure(.internal, "there is no such function"))
    }
    let arguments: JSONObject
    switch function.check(call.arguments) {
    case .success(let checked): arguments = checked
    case .failure(let failure): return .failure(failure)
    }
    let answer = await perform(function, arguments, call)
    lastAnswer.withLock { $0 = Timestamp.systemNow() }
    return answer
  }

  private func perform(_ function: HostFunction, _ arguments: JSONObject, _ call: HostCall) async -> HostAnswer {
    switch function.name {
    case Self.sleep:
      try? await Task.sleep(for: arguments.duration("duration") ?? .zero)
      return .result(.null)
    case _ where Self.lines.contains(function.name):
      let level = function.name.dropFirst("log.".count)
      Console.writeError(TerminalText.text("\(level): \(arguments.string("message") ?? "")\n"))
      return .result(.null)
    default:
      let context = ScriptContext(now: lastAnswer.withLock { $0 }, seed: seed, call: call.number)
      return PureFunctions.perform(function, arguments, context)
    }
  }
}
