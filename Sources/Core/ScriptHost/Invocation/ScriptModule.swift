/// A file that a script can `require`.
package struct ScriptModule: Sendable, Hashable {
  /// Under the stack's folder: `lib/util.lua`.
  package let path: String
  package let source: [UInt8]

  /// How scripts name it: `lib.util`.
  package var name: String { String(path.dropLast(Self.suffix.count)).split(separator: "/").joined(separator: ".") }

  private static let suffix = ".lua"
  private static let longestPath = 200

  /// Nil for a path that no script can name: one that does not end with `.lua`, or has other characters in its parts than letters, digits,
  /// `_` and `-`.
  package init?(path: String, source: [UInt8]) {
    guard path.utf8.count <= Self.longestPath, path.hasSuffix(Self.suffix) else { return nil }
    let parts = path.dropLast(Self.suffix.count).split(separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isAllowed) }) else { return nil }
    self.path = path
    self.source = source
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
