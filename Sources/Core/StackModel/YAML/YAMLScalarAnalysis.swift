/// Which styles a text may be written in, as libyaml's emitter judges it.
struct YAMLScalarAnalysis {
  var isMultiline = false
  var plainAllowed = true
  var singleQuotedAllowed = true
  var blockAllowed = true

  init(_ text: [Unicode.Scalar]) {
    guard !text.isEmpty else {
      blockAllowed = false
      return
    }
    var indicators = text.starts(with: "---".unicodeScalars) || text.starts(with: "...".unicodeScalars)
    var special = false
    var breakThenSpace = false
    var spaceThenBreak = false
    var previous: Unicode.Scalar?
    for (index, scalar) in text.enumerated() {
      let blankFollows = index + 1 == text.count || text[index + 1].isYAMLBlank
      switch scalar {
      case "#" where index > 0:
        if previous.map({ $0.isYAMLBlank || $0.isYAMLBreak || $0 == "\0" }) == true { indicators = true }
      case "#", ",", "[", "]", "{", "}", "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`":
        if index == 0 { indicators = true }
      case ":":
        if blankFollows { indicators = true }
      case "?", "-":
        if index == 0, blankFollows { indicators = true }
      default:
        break
      }
      if !scalar.isYAMLPrintable { special = true }
      if scalar.isYAMLBreak { isMultiline = true }
      if scalar == " ", previous?.isYAMLBreak == true { breakThenSpace = true }
      if scalar.isYAMLBreak, previous == " " { spaceThenBreak = true }
      previous = scalar
    }
    let edges = [text[0], text[text.count - 1]]
    let blankEdge = edges.contains { $0 == " " || $0.isYAMLBreak }
    plainAllowed = !(blankEdge || breakThenSpace || spaceThenBreak || special || isMultiline || indicators)
    singleQuotedAllowed = !(breakThenSpace || spaceThenBreak || special)
    blockAllowed = !(edges[1] == " " || spaceThenBreak || special)
  }
}

extension Unicode.Scalar {
  var isYAMLBlank: Bool { self == " " || self == "\t" }

  var isYAMLBreak: Bool {
    switch value {
    case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }

  /// Whether it may stand unescaped. yaml.v2 escapes everything beyond the basic plane.
  var isYAMLPrintable: Bool {
    switch value {
    case 0x0A, 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD: true
    default: false
    }
  }
}
