import Testing

@testable import StackModel

@Suite struct GoNumberTests {
  @Test(
    arguments: [
      ("0", 0), ("-0", 0), ("+7", 7), ("017", 15), ("0x1F", 31), ("0X1f", 31), ("0b101", 5), ("-0b11", -3),
      ("0o17", 15),
      ("9223372036854775807", .max), ("-9223372036854775808", .min), ("-0x8000000000000000", .min),
    ] as [(String, Int64)])
  func integersAreReadInGosBases(_ text: String, _ value: Int64) {
    #expect(GoNumber.integer(text) == value)
  }

  @Test(arguments: ["", "-", "+", "08", "0x", "0b", "0o", "0b2", "0xg", "1e3", "9223372036854775808", "--1", "1 ", "١"])
  func whatIsNoIntegerIsRefused(_ text: String) {
    #expect(GoNumber.integer(text) == nil)
  }

  @Test func unsignedIntegersReachFurtherAndTakeNoSign() {
    #expect(GoNumber.unsigned("18446744073709551615") == .max)
    #expect(GoNumber.unsigned("0xFFFFFFFFFFFFFFFF") == .max)
    #expect(GoNumber.unsigned("18446744073709551616") == nil)
    #expect(GoNumber.unsigned("+1") == nil)
  }

  @Test(arguments: [
    (".5", 0.5), ("5.", 5), ("-.5e1", -5), ("1e3", 1000), ("1E-3", 0.001), ("1.e2", 100), ("0x1p-2", 0.25),
    ("0x.8p1", 1), ("0x1.p0", 1), ("0X1P4", 16), ("+inf", .infinity), ("-Infinity", -.infinity), ("INF", .infinity),
    ("1e-400", 0), ("08", 8), ("0x1.8p+1", 3), ("1.7976931348623157e308", Double.greatestFiniteMagnitude),
    ("9999999999999999999999", 1e22),
  ])
  func floatsAreReadAsGoReadsThem(_ text: String, _ value: Double) {
    #expect(GoNumber.float(text) == value)
  }

  @Test(arguments: [
    "", ".", "e1", "1e", "1e+", "0x1", "0x1.8", "0xp1", "1_0", "1e400", "+nan", "infin", "1.2.3", "1p1", "0x",
  ])
  func whatIsNoFloatIsRefused(_ text: String) {
    #expect(GoNumber.float(text) == nil)
  }

  @Test(arguments: [
    (0, "0"), (-0.0, "-0"), (1, "1"), (0.1, "0.1"), (100_000, "100000"), (1_000_000, "1e+06"), (123_456, "123456"),
    (1_234_567, "1.234567e+06"), (0.0001, "0.0001"), (0.00001, "1e-05"), (-2.5, "-2.5"), (1e100, "1e+100"),
    (1e21, "1e+21"), (.leastNonzeroMagnitude, "5e-324"), (123_456_789.125, "1.23456789125e+08"), (0.3, "0.3"),
    (1234.5, "1234.5"),
  ])
  func floatsArePrintedShortest(_ value: Double, _ text: String) {
    #expect(GoNumber.text(value) == text)
  }
}
