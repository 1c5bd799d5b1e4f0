package import Concurrency
import Engine
package import JSON
package import ScriptHost
import StackModel

/// Scripts in Swift: the text of a Lua hook is the name of a closure; of a function, the text of its file and its place in the stack
/// (`blue run`, `blue a/after_tasks/0`). They are gone with their server, as real ones are.
package final class FakeScripts: Sendable {
  package typealias Call = FakeScriptCalls
  package typealias Body = @Sendable (_ context: JSON, Call) async throws -> Void

  package struct State: Sendable {
    package var bodies: [String: Body] = [:]
    /// Names in the order in which they were begun, replays included.
    package var starts: [String] = []
    package var running = 0
  }

  package let state = Locked(State())

  package init() {}

  package subscript(name: String) -> Body? {
    get { state.withLock { $0.bodies[name] } }
    set { state.withLock { $0.bodies[name] = newValue } }
  }

  package var starts: [String] { state.withLock { $0.starts } }
  package var running: Int { state.withLock { $0.running } }
}

/// A server's connection to the scripts.
package struct ScriptConnection: ScriptExecutor {
  private let scripts: FakeScripts

  package init(_ scripts: FakeScripts) {
    self.scripts = scripts
  }

  package func run(_ invocation: ScriptInvocation, calls: any HostCalls) async throws(ScriptFailure) {
    let text = String(decoding: invocation.source, as: UTF8.self).filter { $0 != "\n" }
    let name = invocation.function.map { "\(text) \($0.name)" } ?? text
    let body = scripts.state.withLock { state in
      state.starts.append(name)
      state.running += 1
      return state.bodies[name]
    }
    defer { scripts.state.withLock { $0.running -= 1 } }
    guard let body else { throw ScriptFailure(.syntax, "there is no script \(name)") }
    do {
      try await body(invocation.context ?? .null, FakeScriptCalls(calls))
    } catch let failure as ScriptFailure {
      throw failure
    } catch let failure as HostCallFailure {
      throw ScriptFailure(.runtime, failure.message, place: "\(invocation.name):1")
    } catch {
      throw ScriptFailure(.runtime, "\(error)")
    }
  }
}

extension StackFunction {
  fileprivate var name: String {
    switch self {
    case .run: "run"
    case .hook(let application, let hook, let index): "\(application)/\(hook.rawValue)/\(index)"
    }
  }
}
