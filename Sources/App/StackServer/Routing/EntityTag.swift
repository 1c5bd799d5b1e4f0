import Crypto
import HTTPServer
import HTTPTypes
import StackAPI
import Store

/// What a stored stack looks like at a moment, as HTTP's entity tag (RFC 9110, 8.8.3): `"<revision>-<digest>"`. The digest,
/// of source and files, tells a stack from a later one of the same name that begins with revision 1 again. A merged stack's tag has a second
/// digest, as its parents change as well.
struct EntityTag: Sendable, Hashable {
  /// Without the quotes.
  private let text: String

  init(_ record: StackRecord) {
    // A source has no NUL: YAML does not allow it.
    let files = record.files.map { "\0\($0.path)\0\($0.content)" }.joined()
    text = "\(record.revision)-\(Self.digest(record.source + files))"
  }

  /// Of a file: whatever its name and wherever it lies, the same bytes are the same.
  init(_ content: ContentHash) {
    text = content.description
  }

  /// - Parameter merged: the text of the merged stack.
  init(_ record: StackRecord, merged: String) {
    text = "\(EntityTag(record).text)-\(Self.digest(merged))"
  }

  var fieldValue: String { "\"\(text)\"" }

  /// Whether it is one of those in an `If-None-Match`; `*` is any.
  func isNamed(by field: String) -> Bool { Self.isAny(field) || Self.tags(field).contains(text) }

  /// Whether an `If-Match` names this revision, as it is itself or as it was merged.
  func isRequired(by field: String) -> Bool {
    Self.isAny(field) || Self.tags(field).contains { $0 == text || $0.hasPrefix(text + "-") }
  }

  private static func digest(_ text: String) -> String { String(hex(Digest.sha256(text.utf8)).prefix(16)) }

  /// Only a star that is all there is: in quotes it is a tag, and beside others it is a mistake, for which nothing is overwritten.
  private static func isAny(_ field: String) -> Bool { withoutBlanks(field[...]) == "*" }

  private static func withoutBlanks(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
  }

  /// A weak one is as good as a strong one here: what it stands for is the same.
  private static func tags(_ field: String) -> [String] {
    // A comma in quotes is part of a tag.
    var isQuoted = false
    let parts = field.utf8.split { byte in
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      return byte == UInt8(ascii: ",") && !isQuoted
    }
    return parts.map { part in
      var tag = withoutBlanks(Substring(part))
      if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
      if tag.count >= 2, tag.first == "\"", tag.last == "\"" { return String(tag.dropFirst().dropLast()) }
      return String(tag)
    }
  }
}

/// On what condition a stored stack may be changed.
enum StackCondition: Sendable, Hashable {
  case none
  /// There must be none of this name: `If-None-Match: *`.
  case absent
  /// It must be the named one still: `If-Match`.
  case matching(String)

  init(_ fields: HTTPFields) throws {
    let (matches, noMatches) = (fields.all("If-Match"), fields.all("If-None-Match"))
    switch (matches.isEmpty, noMatches.isEmpty) {
    case (true, true): self = .none
    case (false, true): self = .matching(matches.joined(separator: ", "))
    case (true, false):
      guard noMatches == ["*"] else {
        throw Refusal.badRequest("where something is changed, If-None-Match is * (there must be none yet)")
      }
      self = .absent
    case (false, false): throw Refusal.badRequest("If-Match and If-None-Match exclude each other")
    }
  }

  /// - Throws: `Refusal` 412.
  func check(_ name: String, _ stored: StackRecord?) throws {
    switch (self, stored) {
    case (.none, _), (.absent, nil): break
    case (.absent, let stored?): throw Self.failed("Stack \(name) exists already, with revision \(stored.revision)")
    case (.matching, nil): throw Self.failed("Stack \(name) does not exist")
    case (.matching(let field), let stored?):
      guard EntityTag(stored).isRequired(by: field) else {
        throw Self.failed("Stack \(name) has been changed: it has revision \(stored.revision) by \(stored.addedBy) now")
      }
    }
  }

  static func failed(_ sentence: String) -> Refusal { Refusal(412, APIError(.preconditionFailed, sentence)) }
}
