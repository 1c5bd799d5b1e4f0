/// Why a text is no duration.
package struct GoDurationError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Reason: Sendable, Hashable {
    case malformed
    case missingUnit
    case unknownUnit(String)
    /// Beyond about 292 years.
    case outOfRange
  }

  package var text: String
  package var reason: Reason

  package var description: String {
    switch reason {
    case .malformed:
      return "\"\(text)\" is no duration; write one like 1h30m, 45s or 500ms"
    case .missingUnit:
      return "the duration \"\(text)\" lacks a unit; the units are \(units)"
    case .unknownUnit(let unit):
      return "the duration \"\(text)\" has the unknown unit \"\(unit)\"; the units are \(units)"
    case .outOfRange:
      return "the duration \"\(text)\" is out of range; the longest is 2562047h"
    }
  }

  private var units: String { GoDuration.knownUnits.joined(separator: ", ") }

  /// The text of Go's `time.ParseDuration`, which the original's answers contain.
  package var originalText: String {
    switch reason {
    case .malformed, .outOfRange: "time: invalid duration \(GoQuote.inTime(text))"
    case .missingUnit: "time: missing unit in duration \(GoQuote.inTime(text))"
    case .unknownUnit(let unit):
      "time: unknown unit \(GoQuote.inTime(unit)) in duration \(GoQuote.inTime(text))"
    }
  }
}
