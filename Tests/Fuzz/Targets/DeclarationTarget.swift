import JSON

@testable import StackModel

extension FuzzTarget {
  /// What the worker of a stack's Lua file hands over, which may have been taken over by the file: it is no stack, or one that is checked like any other.
  static let declaration = FuzzTarget(
    name: "declaration", summary: "a stack as the worker of its Lua file hands it over", longestInput: 4_096
  ) { bytes in
    guard let json = try? JSON(parsing: bytes, limits: JSONLimits(depth: 68, bytes: bytes.count)) else { return }
    let file = "stacks/web/stack.lua"
    let decoding = StackDecoding(declared: json, entry: "stack.lua", file: file)
    let check = StackCheck.check(decoding, file: file, options: .init(knownTypes: ["kafka"]))
    try require(
      (check.stack == nil) == check.diagnostics.hasErrors, "errors and a stack, or neither: \(check.diagnostics)")
    var size = 0
    for diagnostic in check.diagnostics {
      try require(diagnostic.file.hasPrefix("stacks/web/"), "a file that is none of the stack's: \(diagnostic)")
      try require(diagnostic.line >= 1 && !diagnostic.message.isEmpty, "no place or no message: \(diagnostic)")
      size += diagnostic.description.utf8.count
    }
    try require(size <= 4_096 + 512 * bytes.count, "\(size) bytes of diagnostics of \(bytes.count)")
    guard let stack = check.stack else { return }
    try requireSame(
      stack.json.text, try Stack(json: try JSON(parsing: stack.json.bytes)).json.text, "it does not come back from JSON"
    )
    for placed in stack.scripts {
      guard case .function(let function) = placed.script.source else { continue }
      try require(placed.script.file == "stack.lua", "a function of another file: \(placed)")
      try require(
        function == .hook(application: placed.application, placed.hook, index: placed.index),
        "a function of another place: \(placed)")
    }
  }
}
