/// Runs the shell hooks of applications, each under a key, so that it outlives this server and is found again.
package protocol HookExecutor: Sendable {
  /// Starts the hook and returns once it is known to run, or takes up the one that was started under this key before.
  func start(_ job: HookJob) async throws(HookError)

  /// What is known of a key, also after a restart of the server.
  func state(of key: HookKey) async -> HookState

  /// Returns when the hook has ended; the hook goes on when the waiting task is cancelled.
  /// - Throws: `HookError` where its end cannot be known any more; `CancellationError`.
  func wait(for key: HookKey) async throws -> HookResult

  /// The end of what a hook has written, each stream by itself; empty for one of which nothing is kept.
  /// - Parameter limit: bytes of each.
  func output(of key: HookKey, limit: Int) async -> HookOutput

  /// Ends the hook and all its descendants; `wait` then returns. Does nothing if it has ended.
  func cancel(_ key: HookKey) async

  /// The run is over: what is kept of the hook may go.
  func forget(_ key: HookKey) async
}

/// `<run>/<application>/<place>[.<part>][/<task>]/<attempt>`. What stands between the slashes is percent-coded where it holds
/// anything but letters, digits and `._-`, so each part can name a folder.
package struct HookKey: Sendable, Hashable, CustomStringConvertible {
  package let text: String

  package init(text: String) {
    self.text = text
  }

  package var description: String { text }
}

package struct HookJob: Sendable, Hashable {
  package var key: HookKey
  /// The whole script, to be run as `sh FILE`.
  package var script: String
  /// For messages: `web before_scheduler`.
  package var title: String
  /// Variables of its environment, beside those that all hooks have.
  package var environment: [String: String]

  package init(key: HookKey, script: String, title: String, environment: [String: String] = [:]) {
    self.key = key
    self.script = script
    self.title = title
    self.environment = environment
  }
}

package struct HookOutput: Sendable, Hashable {
  package var output: String
  package var error: String

  package init(output: String, error: String) {
    self.output = output
    self.error = error
  }
}

package enum HookState: Sendable, Hashable {
  /// Nothing was ever started under the key: starting it cannot repeat anything. Only to be said where a start would
  /// have left a trace before the hook's first command.
  case absent
  case running
  case finished(HookResult)
  /// It was started, and neither runs nor has left a result: whether it did its work cannot be told.
  case unknown
}

package struct HookResult: Sendable, Hashable {
  package enum Status: Sendable, Hashable {
    case exited(Int32)
    case signalled(Int32)
    case cancelled
  }

  package var status: Status
  /// The end of what it wrote to standard output and standard error; at most some KB.
  package var outputTail: String

  package init(status: Status, outputTail: String) {
    self.status = status
    self.outputTail = outputTail
  }
}

/// A hook could not be started, or its end cannot be known.
package struct HookError: Error, Sendable, Hashable, CustomStringConvertible {
  package var message: String

  package init(_ message: String) {
    self.message = message
  }

  package var description: String { message }
}
