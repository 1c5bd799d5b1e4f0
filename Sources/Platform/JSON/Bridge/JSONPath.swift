/// A key that is only text, or only an index.
struct JSONKey: CodingKey, Sendable {
  let stringValue: String
  let intValue: Int?

  init(stringValue: String) {
    self.stringValue = stringValue
    intValue = nil
  }

  init(intValue: Int) {
    stringValue = String(intValue)
    self.intValue = intValue
  }

  static let superKey = JSONKey(stringValue: "super")
}

/// The place in a document as people write it: `$.apps[2].id`, `$["odd name"]`.
func describe(_ codingPath: [any CodingKey]) -> String {
  codingPath.reduce(into: "$") { path, key in
    if let index = key.intValue {
      path += "[\(index)]"
    } else if !key.stringValue.isEmpty, key.stringValue.utf8.allSatisfy(isPlainInName) {
      path += ".\(key.stringValue)"
    } else {
      path += "[\(JSON.string(key.stringValue).text)]"
    }
  }
}

private func isPlainInName(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
  default: false
  }
}
