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
    let now = lastAnswer.withLock { $0 }
    let answer: HostAnswer
    if let computed = PureFunctions.answer(call, now: now, seed: seed) {
      answer = computed
    } else {
      answer = await performOther(call)
    }
    lastAnswer.withLock { $0 = Timestamp.systemNow() }
    return answer
  }

  private func performOther(_ call: HostCall) async -> HostAnswer {
    guard let function = HostFunctions.named(call.function) else {
      return .failure(HostCallFailure(.internal, "there is no such function"))
    }
    switch function.check(call.arguments) {
    case .failure(let failure): return .failure(failure)
    case .success(let arguments) where function.name == Self.sleep:
      try? await Task.sleep(for: arguments.duration("duration") ?? .zero)
    case .success(let arguments):
      let level = function.name.dropFirst("log.".count)
      Console.writeError(TerminalText.text("\(level): \(arguments.string("message") ?? "")\n"))
    }
    return .result(.null)
  }
}
