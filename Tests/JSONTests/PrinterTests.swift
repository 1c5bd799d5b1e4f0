import JSON
import Testing

@Suite struct PrinterTests {
  @Test(
    arguments: [
      (JSON.null, "null"), (1, "1"), (1.0, "1.0"), (-0.0, "-0.0"), (0.1, "0.1"), (1e16, "1e+16"),
      (.number(.infinity), "null"), (.bigNumber("123456789012345678901"), "123456789012345678901"),
      ("a\"\\\u{8}\u{c}\n\r\t\u{1}\u{1f}é/", #""a\"\\\b\f\n\r\t\u0001\u001fé/""#),
      ([1, "a", [:]], #"[1,"a",{}]"#), (["b": 1, "a": [true]], #"{"b":1,"a":[true]}"#),
    ] as [(JSON, String)])
  func printsOnOneLine(value: JSON, text: String) {
    #expect(value.text == text)
    #expect(String(decoding: value.bytes, as: UTF8.self) == text)
    #expect(value.description == text)
  }

  @Test func printsOnSeveralLines() {
    let value: JSON = ["a": [1, ["b": nil]], "c": [], "d": [:]]
    #expect(
      value.prettyText() == """
        {
          "a": [
            1,
            {
              "b": null
            }
          ],
          "c": [],
          "d": {}
        }
        """)
    #expect((["a": 1] as JSON).prettyText(indent: 4) == "{\n    \"a\": 1\n}")
  }

  @Test func doublesReadBackTheSame() throws {
    var generator = SplitMix(seed: 7)
    for _ in 0..<2_000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      guard case .number(let back) = try JSON(parsing: JSON.number(value).text) else {
        Issue.record("\(value) does not read back as a decimal")
        return
      }
      #expect(back.bitPattern == value.bitPattern)
    }
  }

  @Test func randomValuesRoundTrip() throws {
    for seed in 0..<200 as Range<UInt64> {
      var generator = SplitMix(seed: seed)
      let value = randomJSON(&generator, depth: 4)
      #expect(try JSON(parsing: value.text) == value, "seed \(seed)")
      #expect(try JSON(parsing: value.prettyText()) == value, "seed \(seed)")
      #expect(value.canonical.isEquivalent(to: value), "seed \(seed)")
    }
  }

  private func randomJSON(_ generator: inout SplitMix, depth: Int) -> JSON {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
    case 0: return .null
    case 1: return .bool(.random(using: &generator))
    case 2: return .integer(.random(in: .min ... .max, using: &generator))
    case 3: return .number(.random(in: -1e9...1e9, using: &generator))
    case 4: return .bigNumber("1234567890123456789012")
    case 5: return .string(randomString(&generator))
    case 6:
      return .array(
        (0..<Int.random(in: 0..<5, using: &generator)).map { _ in randomJSON(&generator, depth: depth - 1) })
    default:
      var object = JSONObject()
      for _ in 0..<Int.random(in: 0..<25, using: &generator) {
        object[randomString(&generator)] = randomJSON(&generator, depth: depth - 1)
      }
      return .object(object)
    }
  }

  private func randomString(_ generator: inout SplitMix) -> String {
    let alphabet = Array("ab\"\\/\n\t\u{0}\u{1f}é€😀\u{2028}")
    return String(
      (0..<Int.random(in: 0..<8, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? "a" })
  }
}

/// Sebastiano Vigna's SplitMix64: the same numbers for the same seed on every machine.
struct SplitMix: RandomNumberGenerator {
  var seed: UInt64

  mutating func next() -> UInt64 {
    seed &+= 0x9E37_79B9_7F4A_7C15
    var value = seed
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
