import JSON
import Testing

@Suite struct ParserTests {
  @Test(
    arguments: [
      ("null", JSON.null), ("true", true), (" false\n", false), ("0", 0), ("-1", -1), ("-0", .number(-0.0)),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .bigNumber("9223372036854775808")),
      ("-9223372036854775809", .bigNumber("-9223372036854775809")),
      ("1e400", .bigNumber("1e400")), ("1.0", 1.0), ("1E+2", 100.0), ("5e-324", .number(.leastNonzeroMagnitude)),
      ("1e-400", 0.0),
      (#""""#, ""), (#""a\"\\\/\b\f\n\r\té\ud83d\ude00""#, "a\"\\/\u{8}\u{c}\n\r\té😀"),
      (#""Grüße 😀""#, "Grüße 😀"), (#""\u0000""#, "\0"), ("\"\u{7f}\"", "\u{7f}"),
      ("[]", []), ("[ ]", []), ("[1,[2,[]]]", [1, [2, []]]), ("{}", [:]),
      ("\t{ \"a\" : 1 , \"b\":[] } ", ["a": 1, "b": []]),
      (#"{"a":1,"b":2,"a":3}"#, ["a": 3, "b": 2]), (#"{"":0}"#, ["": 0]),
    ] as [(String, JSON)])
  func accepts(text: String, value: JSON) throws {
    #expect(try JSON(parsing: text) == value)
  }

  @Test(arguments: [
    "", " ", "nul", "nulll", "True", "truefalse", "+1", "01", "-01", "-", "1.", ".1", "1.e1", "1e", "1e+", "0x1", "1 2",
    "NaN",
    "Infinity", "-Infinity", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "[1}", "{", "}", "{,}", "{1:2}",
    "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{a:1}", "{'a':1}", "\"", "\"a", "\"\\\"",
    "\"\\",
    "\"\\x\"", "\"\\u\"", "\"\\u00\"", "\"\\u00g0\"", "\"\\ud800\"", "\"\\ud800a\"", "\"\\ud800\\n\"",
    "\"\\ud800\\ud800\"",
    "\"\\udc00\"", "\"\n\"", "\"\t\"", "\"\u{0}\"", "'a'", "// c\n1", "1 /* c */", "\u{feff}1", "\u{a0}1", "[1]]",
    "{}x",
  ])
  func refuses(text: String) {
    #expect(throws: JSONParseError.self) { try JSON(parsing: text) }
  }

  @Test(
    arguments: [
      [0xFF], [0xC0, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
      [0x80], [0xC3], [0xC3, 0x28],
    ] as [[UInt8]])
  func refusesWrongUTF8(sequence: [UInt8]) {
    let quote = UInt8(ascii: "\"")
    #expect(throws: JSONParseError.self) { try JSON(parsing: [quote] + sequence + [quote]) }
    #expect(throws: JSONParseError.self) {
      try JSON(parsing: [quote, UInt8(ascii: "\\"), UInt8(ascii: "n")] + sequence + [quote])
    }
    #expect(throws: JSONParseError.self) { try JSON(parsing: sequence) }
  }

  @Test func errorsNameThePlace() throws {
    let error = try #require(throws: JSONParseError.self) { try JSON(parsing: "{\n  \"ü\": [1, x]\n}") }
    #expect(error.line == 2)
    #expect(error.column == 12)
    #expect(error.offset == 14)
    #expect(error.description == "not valid JSON at line 2, column 12: a value is expected here, not \"x\"")
    let end = try #require(throws: JSONParseError.self) { try JSON(parsing: "[1,") }
    #expect(end.reason == "a value is expected here, not the end of the text")
  }

  @Test func nestingIsLimited() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSON(parsing: nested(512))
    let error = try #require(throws: JSONParseError.self) { try JSON(parsing: nested(513)) }
    #expect(error.reason.contains("512"))
    let bomb = String(repeating: "{\"a\":[", count: 1_000_000)
    #expect(throws: JSONParseError.self) { try JSON(parsing: bomb) }
    #expect(throws: JSONParseError.self) { try JSON(parsing: "[[]]", limits: JSONLimits(depth: 1)) }
    _ = try JSON(parsing: "[[],[],{}]", limits: JSONLimits(depth: 2))
  }

  @Test func sizeIsLimited() throws {
    _ = try JSON(parsing: "[1,2]", limits: JSONLimits(bytes: 5))
    let error = try #require(throws: JSONParseError.self) { try JSON(parsing: "[1, 2]", limits: JSONLimits(bytes: 5)) }
    #expect(error.reason == "the text has 6 bytes, more than the 5 allowed")
  }

  @Test func namesMayHaveToDiffer() throws {
    let limits = JSONLimits(uniqueNames: true)
    #expect(try JSON(parsing: #"{"a":1,"a":2}"#) == ["a": 2])
    #expect(try JSON(parsing: #"[{"a":1,"b":{"a":2}},{"a":3}]"#, limits: limits)[0]?["b"]?["a"] == 2)
    let error = try #require(throws: JSONParseError.self) {
      try JSON(parsing: "{\"a\": 1,\n \"a\": 2}", limits: limits)
    }
    #expect(error.description == #"not valid JSON at line 2, column 2: the name "a" occurs twice in one object"#)
    // The same to Swift, which would keep one of them; and beyond the length at which names are looked up by hash.
    for text in ["{\"caf\u{E9}\":1,\"cafe\u{301}\":2}", #"{"a":1,"\u0061":2}"#] {
      #expect(throws: JSONParseError.self) { try JSON(parsing: text, limits: limits) }
    }
    let many = (0...40).map { "\"\($0 % 40)\":0" }.joined(separator: ",")
    #expect(throws: JSONParseError.self) { try JSON(parsing: "{\(many)}", limits: limits) }
  }

  @Test func theFirstOfSeveralValues() throws {
    #expect(try JSON(parsingFirstOf: Array(#" {"a":1} garbage"#.utf8)) == ["a": 1])
    #expect(throws: JSONParseError.self) { try JSON(parsingFirstOf: Array("garbage {}".utf8)) }
    #expect(throws: JSONParseError.self) { try JSON(parsingFirstOf: []) }
  }

  @Test func everyCutIsRefusedCleanly() throws {
    let document = #"{"a":[1,-2.5e3,true,false,null],"b":{"ü":"\ud83d\ude00\n€"},"c":"x"}"#
    let bytes = Array(document.utf8)
    _ = try JSON(parsing: bytes)
    for length in 0..<bytes.count {
      #expect(throws: JSONParseError.self, "cut at \(length)") { try JSON(parsing: Array(bytes[..<length])) }
      // What is left without its head must not crash either, whatever it means.
      _ = try? JSON(parsing: Array(bytes[length...]))
    }
  }

  @Test func everyReplacedByteIsParsedOrRefused() {
    let bytes = Array(#"{"a":[10,"\u00e9"]}"#.utf8)
    for index in bytes.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = bytes
        changed[index] = byte
        guard let value = try? JSON(parsing: changed) else { continue }
        #expect((try? JSON(parsing: value.bytes)) == value)
      }
    }
  }
}
