/// Writes one YAML document in block style exactly as the emitter of yaml.v2 of 2016 (a port of libyaml 0.1) does:
/// two spaces of indent, sequences of a mapping not indented, lines folded behind column 80.
struct YAMLWriter {
  private static let indentation = 2
  private static let width = 80
  /// A key longer than this, in bytes, is written as `? key`.
  private static let simpleKeyLength = 128

  private(set) var output = String.UnicodeScalarView()
  private var column = 0
  private var indent = -1
  /// The last thing written was white space.
  private var atWhitespace = true
  /// Nothing but indentation and indicators of block collections stands on the line.
  private var atIndention = true

  static func write(_ value: YAMLValue) -> String {
    var writer = YAMLWriter()
    writer.write(value, inMapping: false, asSimpleKey: false)
    writer.writeIndent()
    return String(writer.output)
  }

  private mutating func write(_ value: YAMLValue, inMapping: Bool, asSimpleKey: Bool) {
    switch value {
    case .bare(let text): writeScalar(text, style: .plain, asSimpleKey: asSimpleKey)
    // As a key it would be read as one that merges.
    case .text("<<") where asSimpleKey: writeScalar("<<", style: .doubleQuoted, asSimpleKey: true)
    case .text(let text): writeScalar(text, style: Self.style(of: text), asSimpleKey: asSimpleKey)
    case .sequence(let items) where items.isEmpty: writeEmpty("[", "]")
    case .sequence(let items): writeSequence(items, inMapping: inMapping)
    case .mapping(let entries) where entries.isEmpty: writeEmpty("{", "}")
    case .mapping(let entries): writeMapping(entries)
    }
  }

  // MARK: Collections

  private mutating func writeEmpty(_ open: String, _ close: String) {
    writeIndicator(open, needsSpace: true, isWhitespace: true)
    writeIndicator(close, needsSpace: false)
  }

  private mutating func writeSequence(_ items: [YAMLValue], inMapping: Bool) {
    let outer = indent
    increaseIndent(without: inMapping && !atIndention)
    for item in items {
      writeIndent()
      writeIndicator("-", needsSpace: true, isIndention: true)
      write(item, inMapping: false, asSimpleKey: false)
    }
    indent = outer
  }

  private mutating func writeMapping(_ entries: [YAMLValue.Entry]) {
    let outer = indent
    increaseIndent()
    for entry in entries {
      writeIndent()
      if Self.isSimpleKey(entry.key) {
        write(entry.key, inMapping: true, asSimpleKey: true)
        writeIndicator(":", needsSpace: false)
      } else {
        writeIndicator("?", needsSpace: true, isIndention: true)
        write(entry.key, inMapping: true, asSimpleKey: false)
        writeIndent()
        writeIndicator(":", needsSpace: true, isIndention: true)
      }
      write(entry.value, inMapping: true, asSimpleKey: false)
    }
    indent = outer
  }

  private static func isSimpleKey(_ key: YAMLValue) -> Bool {
    switch key {
    case .bare(let text), .text(let text):
      !text.unicodeScalars.contains(where: \.isYAMLBreak) && text.utf8.count <= simpleKeyLength
    case .sequence(let items): items.isEmpty
    case .mapping(let entries): entries.isEmpty
    }
  }

  private mutating func increaseIndent(without: Bool = false) {
    if indent < 0 {
      indent = 0
    } else if !without {
      indent += Self.indentation
    }
  }

  // MARK: Scalars

  private enum Style {
    case plain
    case singleQuoted
    case doubleQuoted
    case literal
  }

  private static func style(of text: String) -> Style {
    if YAMLResolution.plain(text).tag != YAMLTag.string || YAMLBase60.matches(text) { return .doubleQuoted }
    return text.unicodeScalars.contains("\n") ? .literal : .plain
  }

  private mutating func writeScalar(_ text: String, style wanted: Style, asSimpleKey: Bool) {
    let scalars = Array(text.unicodeScalars)
    let analysis = YAMLScalarAnalysis(scalars)
    var style = wanted
    if asSimpleKey && analysis.isMultiline { style = .doubleQuoted }
    if style == .plain, !analysis.plainAllowed || (scalars.isEmpty && asSimpleKey) { style = .singleQuoted }
    if style == .singleQuoted, !analysis.singleQuotedAllowed { style = .doubleQuoted }
    if style == .literal, !analysis.blockAllowed || asSimpleKey { style = .doubleQuoted }

    let outer = indent
    indent = indent < 0 ? Self.indentation : indent + Self.indentation
    switch style {
    case .plain: writePlain(scalars, folding: !asSimpleKey)
    case .singleQuoted: writeSingleQuoted(scalars, folding: !asSimpleKey)
    case .doubleQuoted: writeDoubleQuoted(scalars, folding: !asSimpleKey)
    case .literal: writeLiteral(scalars)
    }
    indent = outer
  }

  private mutating func writePlain(_ text: [Unicode.Scalar], folding: Bool) {
    if !atWhitespace { put(" ") }
    writeFolded(text, folding: folding)
    atWhitespace = false
    atIndention = false
  }

  private mutating func writeSingleQuoted(_ text: [Unicode.Scalar], folding: Bool) {
    writeIndicator("'", needsSpace: true)
    var breaks = false
    var afterSpace = false
    for (index, scalar) in text.enumerated() {
      if scalar.isYAMLBreak {
        // A single break inside quotes would be folded into a space, so the first one is doubled.
        if !breaks, scalar == "\n" { putBreak() }
        putBreak(scalar)
        atIndention = true
        breaks = true
        continue
      }
      if scalar == " " {
        if folding, isFoldable(text, at: index, afterSpace: afterSpace), index > 0 {
          writeIndent()
        } else {
          put(scalar)
        }
        afterSpace = true
        continue
      }
      if breaks { writeIndent() }
      if scalar == "'" { put("'") }
      put(scalar)
      atIndention = false
      afterSpace = false
      breaks = false
    }
    writeIndicator("'", needsSpace: false)
    atWhitespace = false
    atIndention = false
  }

  private mutating func writeFolded(_ text: [Unicode.Scalar], folding: Bool) {
    var afterSpace = false
    for (index, scalar) in text.enumerated() {
      if scalar == " ", folding, isFoldable(text, at: index, afterSpace: afterSpace) {
        writeIndent()
      } else {
        put(scalar)
        if scalar != " " { atIndention = false }
      }
      afterSpace = scalar == " "
    }
  }

  /// Whether a line may be broken at this space: behind the width, and the space stands alone between two words.
  private func isFoldable(_ text: [Unicode.Scalar], at index: Int, afterSpace: Bool) -> Bool {
    !afterSpace && column > Self.width && index + 1 < text.count && text[index + 1] != " "
  }

  private mutating func writeDoubleQuoted(_ text: [Unicode.Scalar], folding: Bool) {
    writeIndicator("\"", needsSpace: true)
    // yaml.v2 looks for the byte order mark at the start of the text instead of at each character, so a text that
    // starts with one is escaped from end to end.
    let escapesAll = text.first == "\u{FEFF}"
    var afterSpace = false
    for (index, scalar) in text.enumerated() {
      if escapesAll || !scalar.isYAMLPrintable || scalar.isYAMLBreak || scalar == "\"" || scalar == "\\" {
        put("\\")
        for escaped in YAMLEscape.of(scalar).unicodeScalars { put(escaped) }
        afterSpace = false
      } else if scalar == " " {
        if folding, !afterSpace, column > Self.width, index > 0, index + 1 < text.count {
          writeIndent()
          if text[index + 1] == " " { put("\\") }
        } else {
          put(scalar)
        }
        afterSpace = true
      } else {
        put(scalar)
        afterSpace = false
      }
    }
    writeIndicator("\"", needsSpace: false)
    atWhitespace = false
    atIndention = false
  }

  private mutating func writeLiteral(_ text: [Unicode.Scalar]) {
    writeIndicator("|", needsSpace: true)
    if text[0] == " " || text[0].isYAMLBreak { writeIndicator("\(Self.indentation)", needsSpace: false) }
    if !text[text.count - 1].isYAMLBreak {
      writeIndicator("-", needsSpace: false)
    } else if text.count == 1 || text[text.count - 2].isYAMLBreak {
      writeIndicator("+", needsSpace: false)
    }
    putBreak()
    atIndention = true
    atWhitespace = true
    var breaks = true
    for scalar in text {
      if scalar.isYAMLBreak {
        putBreak(scalar)
        atIndention = true
        breaks = true
      } else {
        if breaks { writeIndent() }
        put(scalar)
        atIndention = false
        breaks = false
      }
    }
  }

  // MARK: Characters

  private mutating func writeIndent() {
    let wanted = max(indent, 0)
    if !atIndention || column > wanted || (column == wanted && !atWhitespace) { putBreak() }
    while column < wanted { put(" ") }
    atWhitespace = true
    atIndention = true
  }

  private mutating func writeIndicator(
    _ indicator: String, needsSpace: Bool, isWhitespace: Bool = false, isIndention: Bool = false
  ) {
    if needsSpace, !atWhitespace { put(" ") }
    for scalar in indicator.unicodeScalars { put(scalar) }
    atWhitespace = isWhitespace
    atIndention = atIndention && isIndention
  }

  private mutating func put(_ scalar: Unicode.Scalar) {
    output.append(scalar)
    column += 1
  }

  private mutating func putBreak(_ scalar: Unicode.Scalar = "\n") {
    output.append(scalar)
    column = 0
  }
}
