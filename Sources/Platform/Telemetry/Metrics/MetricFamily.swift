struct MetricLabel: Hashable {
  var name: String
  var value: String
}

/// What a registry stores: it writes its samples.
protocol MetricSeries: Sendable {
  /// Suffix of the name, further label, value.
  func samples() -> [MetricSample]
}

struct MetricSample {
  var suffix = ""
  var label: MetricLabel?
  var value: Double
}

/// All series of a name, and their text.
struct MetricFamily {
  enum Kind: String { case counter, gauge, histogram }

  let name: String
  let help: String
  let kind: Kind
  var series: [[MetricLabel]: any MetricSeries] = [:]

  var text: String {
    var text = "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    let ordered = series.sorted { left, right in
      left.key.lexicographicallyPrecedes(right.key) { ($0.name, $0.value) < ($1.name, $1.value) }
    }
    for (labels, series) in ordered {
      for sample in series.samples() {
        let all = labels + (sample.label.map { [$0] } ?? [])
        text += name + sample.suffix + Self.labelText(all) + " " + Self.text(sample.value) + "\n"
      }
    }
    return text
  }

  private static func labelText(_ labels: [MetricLabel]) -> String {
    if labels.isEmpty { return "" }
    return "{" + labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",") + "}"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r\n": result += "\r\\n"
      case "\"" where quotes: result += "\\\""
      default: result.append(character)
      }
    }
  }

  /// As Go's ParseFloat takes it, which reads it: whole numbers without a point.
  static func text(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if let whole = Int64(exactly: value) { return String(whole) }
    return "\(value)"
  }

  static func isName(_ name: String) -> Bool { isIdentifier(name, colons: true) }

  static func isLabelName(_ name: String) -> Bool {
    isIdentifier(name, colons: false) && !name.hasPrefix("__") && name != "le"
  }

  private static func isIdentifier(_ name: String, colons: Bool) -> Bool {
    guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): true
      case UInt8(ascii: ":"): colons
      default: false
      }
    }
  }
}
