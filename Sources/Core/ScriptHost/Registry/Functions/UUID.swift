import Crypto
import JSON

extension HostFunctions {
  static let uuid = HostFunction(
    "uuid", returns: .string, phases: [.hook, .run],
    recording: .pure { _, context in .result(.string(uuid(context))) },
    doc: """
      A UUID of version 4 that follows from run, step and call: another one at each call, and the same ones when a run is taken up again. \
      It can be guessed, so it is no secret.
      """)

  private static func uuid(_ context: ScriptContext) -> String {
    let source = (["uuid"] + context.seed.map(String.init) + [String(context.call)]).joined(separator: "/")
    var bytes = Array(Digest.sha256(source.utf8).prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = Array(hex(bytes))
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
  }
}
