import JSON
import StackModel

extension FuzzTarget {
  /// A stack's canonical form, as the store keeps it and the API answers it.
  static let stackJSON = FuzzTarget(
    name: "stack-json", summary: "a stack's canonical JSON, as the store has it", longestInput: 4_096
  ) { bytes in
    guard let json = try? JSON(parsing: bytes), let stack = try? Stack(json: json) else { return }
    let once = stack.json
    let again = try Stack(json: try JSON(parsing: once.bytes)).json
    try requireSame(once.text, again.text, "what was read and written reads back otherwise")
    _ = StackYAML.text(stack)
    _ = stack.problems(taskRunners: [])
    for (_, application) in stack.applications {
      _ = MarathonDefinition.body(of: application, stack: stack.name, zone: "", instances: 1)
    }
  }
}
