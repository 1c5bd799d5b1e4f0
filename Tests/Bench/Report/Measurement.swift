import JSON

/// One figure of a line: its samples, what is asked of it, and what it stands beside.
struct Measurement: Sendable {
  enum Limit: Sendable {
    case atMost(Double)
    case atLeast(Double)
  }

  /// What the same machine does without us: a bare library, an empty process.
  struct Anchor: Sendable {
    var name: String
    var value: Double
  }

  var line: String
  var name: String
  var unit: String
  /// In the order in which they were taken.
  var samples: [Double]
  var limit: Limit?
  var anchor: Anchor?

  init(
    _ line: String, _ name: String, _ unit: String, _ samples: [Double], _ limit: Limit? = nil, anchor: Anchor? = nil
  ) {
    self.line = line
    self.name = name
    self.unit = unit
    self.samples = samples
    self.limit = limit
    self.anchor = anchor
  }

  var median: Double { samples.median }

  /// Nil where nothing is asked.
  var isMet: Bool? {
    switch limit {
    case nil: nil
    case .atMost(let bound)?: median <= bound
    case .atLeast(let bound)?: median >= bound
    }
  }
}

extension [Double] {
  /// 0 of nothing; the lower one of two in the middle.
  var median: Double {
    let sorted = sorted()
    return sorted.isEmpty ? 0 : sorted[(sorted.count - 1) / 2]
  }
}

extension Double {
  /// Three digits that count, without an exponent: `0.0123`, `1.23`, `12.3`, `1,230`.
  var short: String {
    let size = magnitude
    if size >= 100 { return grouped(rounded()) }
    let digits = size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    return "\((self * scale).rounded() / scale)"
  }

  private func grouped(_ value: Double) -> String {
    let text = String(Int64(value))
    var result = ""
    for (index, character) in text.enumerated() {
      if index > 0, (text.count - index) % 3 == 0, character != "-" { result += "," }
      result.append(character)
    }
    return result
  }
}

extension Measurement {
  var json: JSON {
    var object: JSONObject = [
      "name": .string(name), "unit": .string(unit), "median": .number(median),
      "samples": .array(samples.map { .number($0) }),
    ]
    switch limit {
    case .atMost(let bound)?: object["at_most"] = .number(bound)
    case .atLeast(let bound)?: object["at_least"] = .number(bound)
    case nil: break
    }
    if let isMet { object["met"] = .bool(isMet) }
    if let anchor {
      object["anchor"] = ["name": .string(anchor.name), "value": .number(anchor.value)]
    }
    return .object(object)
  }

  init?(_ json: JSON, line: String) {
    guard let name = json["name"]?.stringValue, let unit = json["unit"]?.stringValue,
      let samples = json["samples"]?.arrayValue?.compactMap(\.doubleValue)
    else { return nil }
    var limit: Limit?
    if let bound = json["at_most"]?.doubleValue { limit = .atMost(bound) }
    if let bound = json["at_least"]?.doubleValue { limit = .atLeast(bound) }
    var anchor: Anchor?
    if let name = json["anchor"]?["name"]?.stringValue, let value = json["anchor"]?["value"]?.doubleValue {
      anchor = Anchor(name: name, value: value)
    }
    self.init(line, name, unit, samples, limit, anchor: anchor)
  }
}
