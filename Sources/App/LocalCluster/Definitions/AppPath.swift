/// The id of an application: an absolute path of lower-case names.
enum AppPath {
  /// The absolute, normal form of `text`: `.`, `..`, empty segments and a trailing slash resolved against `base`.
  static func normalized(_ text: String, base: String = "/") -> String {
    var segments = text.utf8.first == UInt8(ascii: "/") ? [] : Self.segments(base)
    for segment in Self.segments(text) {
      switch segment {
      case ".": continue
      case "..": _ = segments.popLast()
      default: segments.append(segment)
      }
    }
    return "/" + segments.joined(separator: "/")
  }

  /// By Unicode scalars: a slash separates also before a combining mark, with which it would be one `Character`.
  static func segments(_ path: String) -> [String] {
    path.unicodeScalars.split(separator: "/").map(String.init)
  }

  /// The group an application stands in: `/` for `/web`, `/a` for `/a/web`.
  static func parent(_ path: String) -> String { "/" + segments(path).dropLast().joined(separator: "/") }

  /// The pattern of the JSON schema, `^(\.\.|…)`: names of lower-case letters, digits, `-` and `.`, with `.`, `..` and
  /// empty segments between slashes.
  static func isWellFormed(_ text: String) -> Bool {
    if text == "." { return false }
    return segments(text).allSatisfy { segment in
      segment == "." || segment == ".." || isName(segment)
    }
  }

  /// Dot-separated labels of letters and digits with hyphens inside.
  static func isName(_ segment: some StringProtocol) -> Bool {
    let labels = Array(segment.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return labels.allSatisfy { label in
      guard let first = label.first, let last = label.last else { return false }
      return isLetterOrDigit(first) && isLetterOrDigit(last)
        && label.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
    }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// `/a/b` in task and instance ids is `a_b`.
  static func flat(_ path: String) -> String { segments(path).joined(separator: "_") }
}
