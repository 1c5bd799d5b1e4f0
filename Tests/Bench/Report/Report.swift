import JSON

/// All that was measured, over several calls: a line that is measured again replaces what was there of it.
///
/// `docs/performance.json` is the report; the table in `docs/performance.md` is made from it, between two marks.
struct Report {
  struct Entry {
    var line: String
    var at: String
    var loadBefore: Double
    var machine: Machine
    var measurements: [Measurement]
  }

  private(set) var entries: [Entry] = []

  private static let begin = "<!-- scripts/bench writes from here -->"
  private static let end = "<!-- to here -->"

  init(file: String) {
    guard let text = Files.text(of: file), let json = try? JSON(parsing: text) else { return }
    for object in json["lines"]?.arrayValue ?? [] {
      guard let line = object["line"]?.stringValue, let at = object["at"]?.stringValue,
        let machine = object["machine"].flatMap(Machine.init)
      else { continue }
      let measurements = (object["figures"]?.arrayValue ?? []).compactMap { Measurement($0, line: line) }
      entries.append(
        Entry(
          line: line, at: at, loadBefore: object["load_before"]?.doubleValue ?? 0, machine: machine,
          measurements: measurements))
    }
  }

  /// - Parameter order: of all lines.
  mutating func put(_ entry: Entry, order: [String]) {
    entries.removeAll { $0.line == entry.line }
    entries.append(entry)
    entries.sort { (order.firstIndex(of: $0.line) ?? .max) < (order.firstIndex(of: $1.line) ?? .max) }
  }

  var json: JSON {
    [
      "lines": .array(
        entries.map { entry in
          [
            "line": .string(entry.line), "at": .string(entry.at), "load_before": .number(entry.loadBefore),
            "machine": entry.machine.json, "figures": .array(entry.measurements.map(\.json)),
          ]
        })
    ]
  }

  /// - Throws: `BenchError` where the file cannot be written.
  func write(json file: String, table document: String) throws {
    try Files.write(json.prettyText(indent: 2) + "\n", to: file)
    guard let text = Files.text(of: document) else { return }
    guard let start = text.range(ofFirst: Self.begin), let stop = text.range(ofFirst: Self.end) else {
      throw BenchError("\(document) has lost the marks between which the table belongs")
    }
    try Files.write(text[..<start.upperBound] + "\n\n" + table + "\n" + text[stop.lowerBound...], to: document)
  }

  /// As Markdown.
  var table: String {
    let machines = machines
    // Which machine a row is of is said only where there are several.
    let areSeveral = machines.count > 1
    var text = ""
    for (place, machine) in machines.enumerated() {
      text += "- \(areSeveral ? "machine \(place + 1): " : "")\(machine.sentence)\n"
    }
    text += "\n\(areSeveral ? "| machine " : "")| line | figure | measured | samples | asked | beside it |\n"
    text += "\(areSeveral ? "|---:" : "")|---|---|---:|---:|---:|---|\n"
    for entry in entries {
      let number = machines.firstIndex(of: entry.machine).map { $0 + 1 } ?? 0
      for figure in entry.measurements { text += "\(areSeveral ? "| \(number) " : "")\(Self.row(figure))\n" }
    }
    return text
  }

  private var machines: [Machine] {
    var found: [Machine] = []
    for entry in entries where !found.contains(entry.machine) { found.append(entry.machine) }
    return found
  }

  static func row(_ figure: Measurement) -> String {
    let bound: String
    switch figure.limit {
    case .atMost(let value)?: bound = "≤ \(value.short)"
    case .atLeast(let value)?: bound = "≥ \(value.short)"
    case nil: bound = ""
    }
    let miss = figure.isMet == false ? " **missed**" : ""
    let anchor = figure.anchor.map { "\($0.name): \($0.value.short) \(figure.unit)" } ?? ""
    let measured = "\(figure.median.short) \(figure.unit)\(miss)"
    return "| \(figure.line) | \(figure.name) | \(measured) | \(figure.samples.count) | \(bound) | \(anchor) |"
  }
}

extension String {
  fileprivate func range(ofFirst mark: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(mark) { return start..<index(start, offsetBy: mark.count) }
      start = index(after: start)
    }
    return nil
  }
}
