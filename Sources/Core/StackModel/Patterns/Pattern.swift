internal import CPatterns

/// A regular expression in the dialect of Go's `regexp` package, which RE2 is the original of: no back references, no
/// lookaround, and matching takes time linear in the text, so that no pattern can stall a server.
///
/// Not anchored: `r1` is found in `r12`. Memory is bounded by 1 MiB per pattern; what needs more is refused as too
/// large, and so is a repetition above 1,000.
package struct Pattern: Sendable {
  package let text: String
  private let compiled: CompiledPattern

  package init(_ text: String) throws(PatternError) {
    self.text = text
    self.compiled = try CompiledPattern(text)
    // RE2 knows `\C` for a single byte, the one escape that Go's dialect does not have.
    if Self.hasByteEscape(text) { throw PatternError(reason: .badEscape, part: #"\C"#, pattern: text) }
  }

  /// Whether `\C` stands in a pattern outside of `\Q…\E`.
  private static func hasByteEscape(_ text: String) -> Bool {
    var escaped = false
    var quoted = false
    for byte in text.utf8 {
      guard escaped else {
        escaped = byte == UInt8(ascii: "\\")
        continue
      }
      escaped = false
      switch byte {
      case UInt8(ascii: "E"): quoted = false
      case UInt8(ascii: "Q") where !quoted: quoted = true
      case UInt8(ascii: "C") where !quoted: return true
      // In a quoted part a backslash before another one is text; only the second may belong to `\E`.
      case UInt8(ascii: "\\") where quoted: escaped = true
      default: break
      }
    }
    return false
  }

  /// Whether the pattern is found anywhere in `text`.
  package func matches(_ text: String) -> Bool {
    compiled.matches(text)
  }
}

extension Pattern: Hashable {
  package static func == (left: Pattern, right: Pattern) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}

/// The owner of one compiled expression: freed with the last `Pattern` that holds it.
///
/// `@unchecked Sendable`: the pointer is set once in `init`, and nothing changes what it points to but the caches
/// inside RE2, which RE2 guards ("a RE2 object is thread-safe for const methods", re2.h).
private final class CompiledPattern: @unchecked Sendable {
  private static let memoryLimit: Int64 = 1 << 20

  private let pointer: OpaquePointer

  init(_ text: String) throws(PatternError) {
    var text = text
    var error = CPATTERN_OK
    var partLength = 0
    var part = [CChar](repeating: 0, count: 512)
    let pointer = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { pattern in
        part.withUnsafeMutableBufferPointer { buffer -> OpaquePointer? in
          guard let space = buffer.baseAddress else { return nil }
          // An empty string may have no address; RE2 only wants one that it does not read.
          return cpattern_compile(
            pattern.baseAddress ?? UnsafePointer(space), pattern.count, Self.memoryLimit, &error, space, buffer.count,
            &partLength)
        }
      }
    }
    guard let pointer else {
      let about = String(decoding: part.prefix(partLength).map(UInt8.init(bitPattern:)), as: UTF8.self)
      throw PatternError(reason: .init(error), part: about, pattern: text)
    }
    self.pointer = pointer
  }

  deinit {
    cpattern_free(pointer)
  }

  func matches(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { text in
        guard let start = text.baseAddress else {
          return withUnsafePointer(to: 0 as CChar) { cpattern_matches(pointer, $0, 0) == 1 }
        }
        return cpattern_matches(pointer, start, text.count) == 1
      }
    }
  }
}

extension PatternError.Reason {
  fileprivate init(_ error: cpattern_error) {
    self =
      switch error {
      case CPATTERN_BAD_ESCAPE: .badEscape
      case CPATTERN_BAD_CLASS: .badClass
      case CPATTERN_BAD_RANGE: .badRange
      case CPATTERN_MISSING_BRACKET: .missingBracket
      case CPATTERN_MISSING_PAREN: .missingParenthesis
      case CPATTERN_UNEXPECTED_PAREN: .unexpectedParenthesis
      case CPATTERN_TRAILING_BACKSLASH: .trailingBackslash
      case CPATTERN_REPEAT_ARGUMENT: .repetitionOfNothing
      case CPATTERN_REPEAT_SIZE: .repetitionTooLarge
      case CPATTERN_REPEAT_OPERATOR: .nestedRepetition
      case CPATTERN_BAD_PERL_OPERATOR: .unsupportedSyntax
      case CPATTERN_BAD_UTF8: .badUTF8
      case CPATTERN_BAD_NAMED_CAPTURE: .badNamedCapture
      case CPATTERN_TOO_LARGE: .tooLarge
      case CPATTERN_OUT_OF_MEMORY: .outOfMemory
      default: .internalError
      }
  }
}
