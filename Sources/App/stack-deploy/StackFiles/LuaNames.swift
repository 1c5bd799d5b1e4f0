/// The files that a Lua source names by texts that are written out: `require("lib.util")`, `lua_file = "hooks/register.lua"`.
///
/// The source is not run, so names that it makes are not seen, and some stand in comments.
enum LuaNames {
  static func paths(in source: String) -> [String] {
    var reader = Reader(bytes: Array(source.utf8))
    var paths: [String] = []
    while let word = reader.nextWord() {
      switch word {
      case "require":
        guard let name = reader.text(after: UInt8(ascii: "(")) else { continue }
        paths.append(name.split(separator: ".", omittingEmptySubsequences: false).joined(separator: "/") + ".lua")
      case "lua_file":
        guard let path = reader.text(after: UInt8(ascii: "=")) else { continue }
        paths.append(path)
      default: continue
      }
    }
    return paths
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    /// The next run of letters, digits and `_`.
    mutating func nextWord() -> String? {
      while position < bytes.count, !Self.isOfWord(bytes[position]) { position += 1 }
      guard position < bytes.count else { return nil }
      let start = position
      while position < bytes.count, Self.isOfWord(bytes[position]) { position += 1 }
      // Others are not asked for.
      return position - start > 16 ? "" : String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// A short text in quotes, with a character before it that may be left out.
    mutating func text(after character: UInt8) -> String? {
      skipSpace()
      if position < bytes.count, bytes[position] == character {
        position += 1
        skipSpace()
      }
      guard position < bytes.count, [UInt8(ascii: "\""), UInt8(ascii: "'")].contains(bytes[position]) else {
        return nil
      }
      let quote = bytes[position]
      let start = position + 1
      let end = min(bytes.count, start + 256)
      guard start < end, let length = bytes[start..<end].firstIndex(of: quote).map({ $0 - start }) else { return nil }
      position = start + length + 1
      return String(decoding: bytes[start..<start + length], as: UTF8.self)
    }

    private mutating func skipSpace() {
      while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }
}
