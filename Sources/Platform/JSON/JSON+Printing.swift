extension JSON: CustomStringConvertible {
  /// The value as JSON on one line, without spaces. Decimals keep a point or an exponent (`1.0`, `1e+16`) and read back
  /// as the same `Double`.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// `text` in UTF-8.
  package var bytes: [UInt8] {
    var printer = JSONPrinter(indent: nil)
    printer.print(self)
    return printer.output
  }

  /// The value on several lines, each level `indent` spaces further in. No line break at the end.
  package func prettyText(indent: Int = 2) -> String {
    var printer = JSONPrinter(indent: indent)
    printer.print(self)
    return String(decoding: printer.output, as: UTF8.self)
  }

  package var description: String { text }
}

extension JSONObject: CustomStringConvertible {
  package var description: String { JSON.object(self).text }
}

struct JSONPrinter {
  let indent: Int?
  private(set) var output: [UInt8] = []
  private var depth = 0

  init(indent: Int?) {
    self.indent = indent
  }

  mutating func print(_ value: JSON) {
    switch value {
    case .null: append("null")
    case .bool(let value): append(value ? "true" : "false")
    case .integer(let value): append(String(value))
    case .number(let value): append(value.isFinite ? value.description : "null")
    case .bigNumber(let text): append(text)
    case .string(let text): printString(text)
    case .array(let elements): printArray(elements)
    case .object(let object): printObject(object)
    }
  }

  private mutating func printArray(_ elements: [JSON]) {
    output.append(UInt8(ascii: "["))
    depth += 1
    for (index, element) in elements.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      startLine()
      print(element)
    }
    depth -= 1
    if !elements.isEmpty { startLine() }
    output.append(UInt8(ascii: "]"))
  }

  private mutating func printObject(_ object: JSONObject) {
    output.append(UInt8(ascii: "{"))
    depth += 1
    for (index, member) in object.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      startLine()
      printString(member.key)
      append(indent == nil ? ":" : ": ")
      print(member.value)
    }
    depth -= 1
    if !object.isEmpty { startLine() }
    output.append(UInt8(ascii: "}"))
  }

  private mutating func startLine() {
    guard let indent else { return }
    output.append(UInt8(ascii: "\n"))
    output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * indent))
  }

  private mutating func printString(_ text: String) {
    output.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { characters in
      var runStart = 0
      for (index, byte) in characters.enumerated()
      where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        output.append(contentsOf: characters[runStart..<index])
        printEscape(byte)
        runStart = index + 1
      }
      output.append(contentsOf: characters[runStart...])
    }
    output.append(UInt8(ascii: "\""))
  }

  private mutating func printEscape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append("\\\"")
    case UInt8(ascii: "\\"): append("\\\\")
    case 0x08: append("\\b")
    case 0x09: append("\\t")
    case 0x0A: append("\\n")
    case 0x0C: append("\\f")
    case 0x0D: append("\\r")
    default:
      append(byte < 0x10 ? "\\u000" : "\\u00")
      append(String(byte, radix: 16))
    }
  }

  private mutating func append(_ text: String) {
    output.append(contentsOf: text.utf8)
  }
}

extension JSON {
  /// About how many bytes `text` has: escapes are not counted. For bounds that need no exact number.
  package var approximateSize: Int {
    switch self {
    case .null, .bool: 5
    case .integer, .number: 8
    case .bigNumber(let text): text.utf8.count
    case .string(let text): text.utf8.count + 2
    case .array(let elements): elements.reduce(2) { $0 + $1.approximateSize + 1 }
    case .object(let members): members.reduce(2) { $0 + $1.key.utf8.count + $1.value.approximateSize + 4 }
    }
  }
}
