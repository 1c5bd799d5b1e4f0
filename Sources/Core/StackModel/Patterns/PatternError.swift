/// Why a pattern is refused.
///
/// The description has the words of Go's `regexp` package, which users of the original know from its answers:
/// ``error parsing regexp: missing closing ): `(` ``.
package struct PatternError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Reason: Sendable, Hashable {
    case badEscape, badClass, badRange, missingBracket, missingParenthesis, unexpectedParenthesis
    case trailingBackslash, repetitionOfNothing, repetitionTooLarge, nestedRepetition, unsupportedSyntax
    case badUTF8, badNamedCapture, tooLarge, outOfMemory, internalError
  }

  package var reason: Reason
  /// The part of the pattern that is wrong.
  package var part: String
  package var pattern: String

  package var description: String {
    switch reason {
    case .trailingBackslash:
      // Go names no part here.
      "error parsing regexp: \(words): ``"
    case .tooLarge, .outOfMemory, .internalError:
      "error parsing regexp: \(words): `\(pattern)`"
    default:
      "error parsing regexp: \(words): `\(part)`"
    }
  }

  private var words: String {
    switch reason {
    case .badEscape: "invalid escape sequence"
    case .badClass: "invalid character class"
    case .badRange: "invalid character class range"
    case .missingBracket: "missing closing ]"
    case .missingParenthesis: "missing closing )"
    case .unexpectedParenthesis: "unexpected )"
    case .trailingBackslash: "trailing backslash at end of expression"
    case .repetitionOfNothing: "missing argument to repetition operator"
    case .repetitionTooLarge: "invalid repeat count"
    case .nestedRepetition: "invalid nested repetition operator"
    case .unsupportedSyntax: "invalid or unsupported Perl syntax"
    case .badUTF8: "invalid UTF-8"
    case .badNamedCapture: "invalid named capture"
    case .tooLarge: "expression too large"
    case .outOfMemory: "out of memory"
    case .internalError: "internal error"
    }
  }
}
