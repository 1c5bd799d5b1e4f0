import Crypto
import JSON

/// A hostile script as the hook of a run.
struct ScriptAttack: Sendable {
  /// Its file.
  let name: String
  /// What the stack is called.
  let stack: String
  private let source: [UInt8]

  /// What a script's error must not show of the host.
  private static let internals = ["[C]", "script-worker", "0x", ".swift", ".c:"]
  private static let survived = "it ended by itself"

  /// Those of `SandboxTests`, and of a folder that `STACK_DEPLOY_TEST_ATTACKS` names.
  static func all(_ further: String?) throws -> [ScriptAttack] {
    let folders = [try repositoryFile("Tests/SandboxTests/Resources/attacks")] + (further.map { [$0] } ?? [])
    let files = folders.flatMap { folder in
      Folder.names(in: folder).filter { $0.hasSuffix(".lua") }.map { (folder, $0) }
    }
    return try files.enumerated().map { number, file in
      ScriptAttack(
        name: file.1, stack: "attack-\(number + 1)", source: try Folder.contents(of: "\(file.0)/\(file.1)"))
    }
  }

  /// The body that adds its stack. Whatever the script does, the run is over before it would deploy anything.
  func addition(modules: [(path: String, source: [UInt8])]) -> JSON {
    var files: JSONObject = ["attack.lua": .string(Base64.encode(source))]
    for module in modules { files[module.path] = .string(Base64.encode(module.source)) }
    return [
      "source": .string(
        """
        name: \(stack)
        applications:
          a:
            type: service
            id: \(stack)
            cpu: 0.1
            mem: 16
            launch_command: sleep 1
            before_scheduler:
              - lua_file: attack.lua
              - lua: fail("\(Self.survived)")

        """),
      "file": "attack.yaml", "files": .object(files),
    ]
  }

  static func isOver(_ status: JSON) -> Bool {
    ["succeeded", "failed", "cancelled", "blocked"].contains(status["run"]?["state"]?.stringValue)
  }

  struct Verdict: Sendable {
    var how: String
    var problem: String?
  }

  /// What became of it, by the status of its run.
  func verdict(_ status: JSON) -> Verdict {
    let state = status["run"]?["state"]?.stringValue ?? ""
    let reason = status["failure"]?["reason"]?.stringValue ?? ""
    if state == "cancelled" { return Verdict(how: "by being cancelled") }
    guard state == "failed" else {
      return Verdict(how: "otherwise", problem: "its run is \(state): \(reason)")
    }
    if reason.hasPrefix("the run's journal has reached its limit") { return Verdict(how: "over the journal's limit") }
    if reason.contains(Self.survived) { return Verdict(how: "by itself") }
    guard reason.hasPrefix("hook before_scheduler/1: ") else {
      return Verdict(how: "otherwise", problem: "its run has failed: \(reason)")
    }
    let text = reason + "\n" + (status["failure"]?["logTail"]?.stringValue ?? "")
    if let shown = Self.internals.first(where: text.contains) {
      return Verdict(how: "otherwise", problem: "the error shows '\(shown)': \(text.prefix(300))")
    }
    for budget in ["CPU", "memory", "time", "output"] where reason.contains("\(budget) budget") {
      return Verdict(how: "over the \(budget) budget")
    }
    return Verdict(how: "with an error")
  }
}
