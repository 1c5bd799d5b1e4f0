/// The header fields of a message in their order; names are compared without regard to case (RFC 9110, 5.1).
package struct HTTPFields: Sendable {
  package typealias Element = (name: String, value: String)

  private var fields: [Field] = []

  private struct Field: Sendable, Hashable {
    var name: String
    var value: String
  }

  package init() {}

  package init(_ fields: some Sequence<(String, String)>) {
    for (name, value) in fields { append(name, value) }
  }

  /// The first field with this name. Setting it replaces all of the name, at the place of the first; nil removes them.
  package subscript(name: String) -> String? {
    get { fields.first { equalIgnoringCase($0.name, name) }?.value }
    set {
      guard let newValue else {
        fields.removeAll { equalIgnoringCase($0.name, name) }
        return
      }
      guard let place = fields.firstIndex(where: { equalIgnoringCase($0.name, name) }) else {
        append(name, newValue)
        return
      }
      fields[place].value = newValue
      let later = fields[(place + 1)...].filter { !equalIgnoringCase($0.name, name) }
      fields.replaceSubrange((place + 1)..., with: later)
    }
  }

  /// The values of all fields with this name.
  package func all(_ name: String) -> [String] {
    fields.filter { equalIgnoringCase($0.name, name) }.map(\.value)
  }

  package func contains(_ name: String) -> Bool { self[name] != nil }

  /// The members of a comma-separated list, over all fields of the name, trimmed and in lower case: for `Connection`,
  /// `Transfer-Encoding`, `Accept-Encoding`.
  package func tokens(_ name: String) -> [String] {
    all(name).flatMap { $0.split(separator: ",") }
      .map { trimmed($0[...]).lowercased() }
      .filter { !$0.isEmpty }
  }

  /// Adds a field, even if there is one of this name.
  package mutating func append(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// Whether the text is a token as a field's name must be (RFC 9110, 5.6.2).
  package static func isValidName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy(isTokenByte)
  }

  /// Whether the text can stand in a field without ending it: no CR, LF, NUL or other control but the tab.
  package static func isValidValue(_ value: String) -> Bool {
    value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
  }
}

extension HTTPFields: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { fields.count }
  package subscript(position: Int) -> (name: String, value: String) { (fields[position].name, fields[position].value) }
}

extension HTTPFields: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }
}

extension HTTPFields: Hashable {
  package static func == (left: HTTPFields, right: HTTPFields) -> Bool {
    left.count == right.count
      && zip(left, right).allSatisfy { equalIgnoringCase($0.name, $1.name) && $0.value == $1.value }
  }

  package func hash(into hasher: inout Hasher) {
    for field in fields {
      hasher.combine(field.name.lowercased())
      hasher.combine(field.value)
    }
  }
}

/// Compares ASCII letters without regard to case; all else must be the same bytes.
func equalIgnoringCase(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
  left.utf8.count == right.utf8.count && zip(left.utf8, right.utf8).allSatisfy { lowercase($0) == lowercase($1) }
}

private func lowercase(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}

/// Without spaces and tabs at both ends.
func trimmed(_ text: Substring) -> Substring {
  let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
  var text = text.drop(while: isBlank)
  while let last = text.last, isBlank(last) { text.removeLast() }
  return text
}

private func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
  case UInt8(ascii: "0")...UInt8(ascii: "9"): true
  default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }
}
