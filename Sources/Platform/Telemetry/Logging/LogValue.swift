package import JSON

/// What a field of a log line can hold.
package protocol LogValue {
  var logValue: JSON { get }
}

extension String: LogValue { package var logValue: JSON { .string(self) } }
extension Substring: LogValue { package var logValue: JSON { .string(String(self)) } }
extension Bool: LogValue { package var logValue: JSON { .bool(self) } }
extension Int: LogValue { package var logValue: JSON { .integer(Int64(self)) } }
extension Int32: LogValue { package var logValue: JSON { .integer(Int64(self)) } }
extension Int64: LogValue { package var logValue: JSON { .integer(self) } }
extension Double: LogValue { package var logValue: JSON { isFinite ? .number(self) : .string("\(self)") } }
extension JSON: LogValue { package var logValue: JSON { self } }
extension Array: LogValue where Element: LogValue { package var logValue: JSON { .array(map(\.logValue)) } }
extension Optional: LogValue where Wrapped: LogValue { package var logValue: JSON { map(\.logValue) ?? .null } }

/// A value that must not be read in logs, errors or dumps: it prints as `<redacted>`, whoever prints it.
package struct Secret: Sendable, Hashable, LogValue, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The value itself. Whoever takes it out answers for where it goes.
  package let revealed: String

  package init(_ value: String) { revealed = value }

  package var description: String { "<redacted>" }
  package var debugDescription: String { "<redacted>" }
  package var logValue: JSON { .string("<redacted>") }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
