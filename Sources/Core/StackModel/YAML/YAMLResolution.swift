/// What a scalar is by the rules of yaml.v2 of 2016: YAML 1.1 with `y`/`n`/`on`/`off` as booleans, Go's syntax of
/// numbers, no base 60 and no timestamps.
struct YAMLResolution: Equatable {
  enum Value: Equatable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    case float(Double)
    case string(String)
  }

  var value: Value
  /// In its long form.
  var tag: String

  /// `problem` reads "cannot decode !!int `5` as a !!float", as the original says it.
  struct Failure: Error {
    var problem: String
  }

  static func resolve(_ scalar: YAMLScalar) throws(Failure) -> YAMLResolution {
    if scalar.tag.isEmpty {
      return scalar.isPlain ? plain(scalar.text) : YAMLResolution(value: .string(scalar.text), tag: YAMLTag.string)
    }
    switch scalar.tag {
    case YAMLTag.string:
      return YAMLResolution(value: .string(scalar.text), tag: YAMLTag.string)
    case YAMLTag.boolean, YAMLTag.integer, YAMLTag.float, YAMLTag.null:
      let resolution = plain(scalar.text)
      guard resolution.tag == scalar.tag else {
        let found = YAMLTag.short(resolution.tag)
        throw Failure(problem: "cannot decode \(found) `\(scalar.text)` as a \(YAMLTag.short(scalar.tag))")
      }
      return resolution
    case YAMLTag.binary:
      guard let bytes = YAMLBase64.decode(scalar.text) else {
        throw Failure(problem: "!!binary value contains invalid base64 data")
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw Failure(problem: "!!binary value is not text in UTF-8")
      }
      return YAMLResolution(value: .string(text), tag: YAMLTag.binary)
    default:
      return YAMLResolution(value: .string(scalar.text), tag: scalar.tag)
    }
  }

  /// What a text means where it stands plain and without a tag.
  static func plain(_ text: String) -> YAMLResolution {
    if let word = words[text] { return word }
    guard let first = text.utf8.first else { return YAMLResolution(value: .null, tag: YAMLTag.null) }
    switch first {
    case UInt8(ascii: "."):
      if let number = GoNumber.float(text) { return YAMLResolution(value: .float(number), tag: YAMLTag.float) }
    case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      let digits = text.filter { $0 != "_" }
      if let number = GoNumber.integer(digits) {
        return YAMLResolution(value: .integer(number), tag: YAMLTag.integer)
      }
      if let number = GoNumber.unsigned(digits) {
        return YAMLResolution(value: .unsigned(number), tag: YAMLTag.integer)
      }
      if let number = GoNumber.float(digits) { return YAMLResolution(value: .float(number), tag: YAMLTag.float) }
    default:
      break
    }
    return YAMLResolution(value: .string(text), tag: YAMLTag.string)
  }

  private static let words: [String: YAMLResolution] = {
    var words: [String: YAMLResolution] = [:]
    func add(_ value: Value, _ tag: String, _ spellings: String...) {
      for spelling in spellings { words[spelling] = YAMLResolution(value: value, tag: tag) }
    }
    add(.boolean(true), YAMLTag.boolean, "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")
    add(.boolean(false), YAMLTag.boolean, "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")
    add(.null, YAMLTag.null, "", "~", "null", "Null", "NULL")
    add(.float(.nan), YAMLTag.float, ".nan", ".NaN", ".NAN")
    add(.float(.infinity), YAMLTag.float, ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF")
    add(.float(-.infinity), YAMLTag.float, "-.inf", "-.Inf", "-.INF")
    return words
  }()
}
