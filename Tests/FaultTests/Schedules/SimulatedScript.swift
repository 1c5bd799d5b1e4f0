import JSON
import ScriptHost

@testable import Engine

/// A script without a script: the same calls each time, with arguments that follow from the answers before.
struct SimulatedScript: Sendable {
  struct Call: Sendable {
    let function: String
    let arguments: @Sendable (_ answers: [Int: JSON]) -> [JSON]

    init(_ function: String, _ arguments: JSON...) {
      self.function = function
      self.arguments = { _ in arguments }
    }

    init(_ function: String, arguments: @escaping @Sendable (_ answers: [Int: JSON]) -> [JSON]) {
      self.function = function
      self.arguments = arguments
    }
  }

  /// One after another; the calls of one group are made at once, as by the branches of `parallel`. They are counted from 1.
  let groups: [[Call]]

  init(_ groups: [Call]...) {
    self.groups = groups
  }

  /// The calls that are to be made when so many answers are there; none at the end.
  func calls(after answers: [Int: JSON]) throws(HostCallFailure) -> [ScriptCall] {
    var number = 0
    for group in groups {
      var made: [ScriptCall] = []
      for call in group {
        number += 1
        guard answers[number] == nil else { continue }
        guard let function = HostFunctions.named(call.function) else {
          throw HostCallFailure(.internal, "there is no function \(call.function)")
        }
        let arguments = try function.check(call.arguments(answers)).get()
        made.append(ScriptCall(number: number, function: call.function, arguments: arguments))
      }
      if !made.isEmpty { return made }
    }
    return []
  }
}

/// A script that a server runs.
struct RunningScript {
  let program: SimulatedScript
  let token: Int
  var answers: [Int: JSON]
  /// What it has called for since it was begun.
  var called: Set<Int> = []
}

extension SimulatedScript {
  /// Puts into practice what a hook may do: it counts in a document, deploys two applications, waits, scales, restarts, runs a
  /// command, sends a request and asks for an approval.
  static let deploying = SimulatedScript(
    [Call("vars.set", "color", "green")],
    [Call("cassandra.get", "count")],
    // Twice would be seen.
    [Call("cassandra.put") { answers in ["count", .integer(Int64((answers[2]?.intValue ?? 0) + 1))] }],
    [Call("log.info", "begins")],
    [
      Call("marathon.deploy", spec("one")), Call("marathon.deploy", spec("two")), Call("time.sleep", "2s"),
      Call("shell.run", "count"), Call("http.put", "http://h:1/count"),
    ],
    [Call("wait_healthy", "one"), Call("http.get", "http://h:1/count")],
    [Call("marathon.scale", "one", 2), Call("cassandra.put", "state/passing", true)],
    [Call("wait_healthy", "one")],
    [Call("marathon.restart", "one"), Call("approval", "go on")],
    [Call("vars.get", "color")],
    // What a variable was set to is got.
    [Call("vars.set") { answers in ["seen", answers[17] ?? .null] }])

  static let removing = SimulatedScript(
    [Call("marathon.destroy", "two"), Call("cassandra.delete", "state/passing")],
    [Call("cassandra.list", "")],
    [Call("cassandra.put") { answers in ["keys", answers[3] ?? .null] }])

  private static func spec(_ id: String) -> JSON {
    ["id": .string(id), "cmd": .string("run \(id)"), "cpus": 0.1, "mem": 32, "instances": 1]
  }
}
