import Testing

@testable import StackModel

@Suite struct GoDurationTests {
  @Test(arguments: [
    ("0", 0), ("+0", 0), ("5s", 5_000_000_000), ("1h30m", 5_400_000_000_000), ("500ms", 500_000_000),
    ("-1.5h", -5_400_000_000_000), (".5s", 500_000_000), ("1.s", 1_000_000_000), ("3us4ns", 3_004),
    ("1µs", 1_000), ("1μs", 1_000), ("1s1s", 2_000_000_000), ("9223372036854775807ns", Int64.max),
    ("-9223372036854775808ns", Int64.min), ("0.3333333333333333333h", 1_200_000_000_000),
    ("0.9223372036854775807h", 3_320_413_933_267),
  ])
  func parses(text: String, nanoseconds: Int64) throws {
    #expect(try GoDuration.parse(text) == .nanoseconds(nanoseconds))
  }

  @Test(arguments: [
    ("", "time: invalid duration \"\""), ("-", "time: invalid duration \"-\""),
    ("3", "time: missing unit in duration \"3\""), ("1.5", "time: missing unit in duration \"1.5\""),
    ("1d", "time: unknown unit \"d\" in duration \"1d\""), ("s", "time: invalid duration \"s\""),
    (".s", "time: invalid duration \".s\""), ("1h 2m", "time: unknown unit \"h \" in duration \"1h 2m\""),
    ("9223372036854775808ns", "time: invalid duration \"9223372036854775808ns\""),
    ("2562048h", "time: invalid duration \"2562048h\""),
    ("1ä", "time: unknown unit \"\\xc3\\xa4\" in duration \"1\\xc3\\xa4\""),
    ("--1s", "time: invalid duration \"--1s\""),
  ])
  func refusesInTheWordsOfGo(text: String, words: String) {
    #expect {
      try GoDuration.parse(text)
    } throws: { error in
      (error as? GoDurationError)?.originalText == words
    }
  }

  @Test func anUnknownUnitIsToldWithTheKnownOnes() {
    #expect {
      try GoDuration.parse("2d")
    } throws: { error in
      "\(error)" == "the duration \"2d\" has the unknown unit \"d\"; the units are h, m, s, ms, us, ns"
    }
  }

  @Test(arguments: [
    (0, "0s"), (1, "1ns"), (1_100, "1.1µs"), (2_200_000, "2.2ms"), (3_300_000_000, "3.3s"), (245_000_000_000, "4m5s"),
    (245_001_000_000, "4m5.001s"), (18_367_001_000_000, "5h6m7.001s"), (480_000_000_001, "8m0.000000001s"),
    (Int64.max, "2562047h47m16.854775807s"), (Int64.min, "-2562047h47m16.854775808s"), (65_000_000_000, "1m5s"),
  ])
  func printsAsGo(nanoseconds: Int64, text: String) throws {
    #expect(GoDuration.text(.nanoseconds(nanoseconds)) == text)
    #expect(try GoDuration.parse(text) == .nanoseconds(nanoseconds))
  }
}
