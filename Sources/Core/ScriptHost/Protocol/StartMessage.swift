import JSON

extension ScriptInvocation {
  /// The two frames that a worker waits for: what to run with, and the source.
  var startFrames: [UInt8] {
    let start: JSON = [
      "op": "start", "chunk": .string(name),
      "seed": [.integer(Int64(bitPattern: seed.0)), .integer(Int64(bitPattern: seed.1))],
      "output": .bool(hasOutput), "result": .bool(wantsResult),
      "functions": .array(functions.map { .string($0) }),
    ]
    return FrameDecoder.frame(start.bytes) + FrameDecoder.frame(source)
  }
}
