package import Concurrency
package import JSON

/// A log line before it has a form.
package struct LogLine: Sendable {
  package var time: Timestamp
  package var level: LogLevel
  package var label: String
  package var message: String
  package var fields: [(key: String, value: JSON)]

  package init(
    time: Timestamp, level: LogLevel, label: String, message: String, fields: [(key: String, value: JSON)] = []
  ) {
    self.time = time
    self.level = level
    self.label = label
    self.message = message
    self.fields = fields
  }

  private static let ownKeys: Set<String> = ["ts", "level", "label", "message"]

  /// One JSON object: `ts`, `level`, `label`, `message`, then the fields. A field that has one of those names gets a `_` behind it.
  package var json: JSON {
    var object = JSONObject()
    object["ts"] = .string(time.description)
    object["level"] = .string(level.rawValue)
    object["label"] = .string(label)
    object["message"] = .string(message)
    for (key, value) in fields { object[Self.ownKeys.contains(key) ? "\(key)_" : key] = value }
    return .object(object)
  }

  /// A line for people: time, level, label, message, `key=value`. Further lines of the message are indented, and no control character gets
  /// through, so that nobody forges a line or moves the cursor.
  package func text(colours: Bool) -> String {
    let levelText = level.rawValue.uppercased() + String(repeating: " ", count: 7 - level.rawValue.utf8.count)
    var line =
      dimmed(time.description, colours) + " " + (colours ? "\(levelColour)\(levelText)\(Self.reset)" : levelText)
    line += " " + dimmed(Self.printable(label), colours) + " "
    line += message.split(separator: "\n", omittingEmptySubsequences: false).map(Self.printable).joined(
      separator: "\n    ")
    for (key, value) in fields {
      line += " " + dimmed(Self.printable(key) + "=", colours) + Self.fieldText(value)
    }
    return line
  }

  private static let reset = "\u{1B}[0m"

  private var levelColour: String {
    switch level {
    case .debug: "\u{1B}[2m"
    case .info: "\u{1B}[32m"
    case .warning: "\u{1B}[33m"
    case .error: "\u{1B}[31m"
    }
  }

  private func dimmed(_ text: String, _ colours: Bool) -> String { colours ? "\u{1B}[2m\(text)\(Self.reset)" : text }

  private static func fieldText(_ value: JSON) -> String {
    guard case .string(let string) = value else { return printable(value.text) }
    let isPlain =
      !string.isEmpty
      && string.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "\"" && $0 != "=" && !isControl($0) }
    return isPlain ? string : printable(value.text)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
  }

  private static func printable(_ text: some StringProtocol) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return String(text) }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      result += isControl(scalar) ? scalar.escaped(asASCII: true) : String(scalar)
    }
  }
}
