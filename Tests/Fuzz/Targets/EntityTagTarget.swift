import Concurrency
import HTTPTypes
import StackModel
import Store

@testable import StackServer

extension FuzzTarget {
  /// `If-Match` or `If-None-Match`, in several fields: one a line. `@` stands for a stack's tag, `#` for that of the merged one.
  static let entityTags = FuzzTarget(
    name: "entity-tags", summary: "If-Match and If-None-Match", longestInput: 256
  ) { bytes in
    let record = StackRecord(
      name: "a", revision: 7, source: "name: a\n", file: "a.yml", stack: Stack(name: "a"),
      addedAt: Timestamp(millisecondsSinceEpoch: 0), addedBy: "")
    let (own, merged) = (EntityTag(record), EntityTag(record, merged: "name: b\n"))
    let (text, mergedText) = (
      String(own.fieldValue.dropFirst().dropLast()), String(merged.fieldValue.dropFirst().dropLast())
    )
    var fields = HTTPFields()
    for line in lines(bytes) {
      fields.append("If-Match", line.replacing("@", with: text).replacing("#", with: mergedText))
    }
    let field = fields.all("If-Match").joined(separator: ", ")

    let isRequired = own.isRequired(by: field)
    switch TagList(field) {
    case .any:
      try require(isRequired && own.isNamed(by: field) && merged.isNamed(by: field), "\(field) names any")
    case .these(let tags):
      try require(own.isNamed(by: field) == tags.contains(text), "\(field) names \(text), or not")
      try require(merged.isNamed(by: field) == tags.contains(mergedText), "\(field) names \(mergedText), or not")
      let names = tags.contains { $0 == text || $0.utf8.starts(with: "\(text)-".utf8) }
      try require(isRequired == names, "\(field) requires \(text), or not")
    case nil:
      // A mistake may be understood, where it names the tag.
      let isThere = field.contains(text)
      try require(!isRequired || isThere, "\(field) requires \(text)")
      try require(!own.isNamed(by: field) || isThere, "\(field) names \(text)")
    }

    let condition = try StackCondition(fields)
    try require(fails(condition, nil), "there is no stack, and \(field) lets it be changed")
    try require(fails(condition, record) != isRequired, "\(field) is understood in two ways")
  }

  private static func fails(_ condition: StackCondition, _ record: StackRecord?) -> Bool {
    do {
      try condition.check("a", record)
      return false
    } catch {
      return (error as? Refusal)?.status == 412
    }
  }
}

/// RFC 9110, 8.8.3 and 13.1.1, to the letter.
private enum TagList {
  case any
  /// What is between the quotes.
  case these([String])

  init?(_ field: String) {
    var rest = field.utf8[...]
    func skipBlanks() { rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } }
    func take(_ text: String) -> Bool {
      guard rest.starts(with: text.utf8) else { return false }
      rest = rest.dropFirst(text.utf8.count)
      return true
    }
    skipBlanks()
    if take("*") {
      skipBlanks()
      guard rest.isEmpty else { return nil }
      self = .any
      return
    }
    var tags: [String] = []
    while true {
      skipBlanks()
      if rest.first == UInt8(ascii: "W") || rest.first == UInt8(ascii: "\"") {
        _ = take("W/")
        guard take("\"") else { return nil }
        let tag = rest.prefix { $0 == 0x21 || (0x23...0x7E).contains($0) || $0 >= 0x80 }
        rest = rest.dropFirst(tag.count)
        guard take("\"") else { return nil }
        tags.append(String(decoding: tag, as: UTF8.self))
        skipBlanks()
      }
      if rest.isEmpty { break }
      guard take(",") else { return nil }
    }
    self = .these(tags)
  }
}
