extension Timestamp: CustomStringConvertible, LosslessStringConvertible {
  package var description: String {
    let millisecondsPerDay: Int64 = 86_400_000
    var days = millisecondsSinceEpoch / millisecondsPerDay
    var rest = millisecondsSinceEpoch % millisecondsPerDay
    if rest < 0 {
      days -= 1
      rest += millisecondsPerDay
    }
    let date = CivilDate(daysSinceEpoch: Int(days))
    var text: [UInt8] = []
    text.reserveCapacity(24)
    func append(_ number: Int, digits: Int) {
      let digitText = String(number)
      for _ in 0..<max(0, digits - digitText.utf8.count) { text.append(UInt8(ascii: "0")) }
      text.append(contentsOf: digitText.utf8)
    }
    append(date.year, digits: 4)
    text.append(UInt8(ascii: "-"))
    append(date.month, digits: 2)
    text.append(UInt8(ascii: "-"))
    append(date.day, digits: 2)
    text.append(UInt8(ascii: "T"))
    append(Int(rest / 3_600_000), digits: 2)
    text.append(UInt8(ascii: ":"))
    append(Int(rest / 60_000 % 60), digits: 2)
    text.append(UInt8(ascii: ":"))
    append(Int(rest / 1_000 % 60), digits: 2)
    text.append(UInt8(ascii: "."))
    append(Int(rest % 1_000), digits: 3)
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM|±HHMM)`, the form of RFC 3339 that Marathon and Mesos send.
  ///
  /// Digits below a millisecond are dropped. A leap second (`:60`) and years outside 0000–9999 are not accepted.
  package init?(_ iso8601: String) {
    var reader = DigitReader(bytes: Array(iso8601.utf8))
    guard
      let year = reader.number(digits: 4), reader.skip("-"),
      let month = reader.number(digits: 2), reader.skip("-"),
      let day = reader.number(digits: 2),
      reader.skip("T") || reader.skip("t") || reader.skip(" "),
      let hour = reader.number(digits: 2), hour < 24, reader.skip(":"),
      let minute = reader.number(digits: 2), minute < 60, reader.skip(":"),
      let second = reader.number(digits: 2), second < 60,
      let milliseconds = reader.fraction(),
      let offset = reader.zoneOffsetInMinutes(), reader.isAtEnd,
      let date = CivilDate(year: year, month: month, day: day)
    else { return nil }
    let minutes = date.daysSinceEpoch * 1_440 + hour * 60 + minute - offset
    millisecondsSinceEpoch = Int64(minutes) * 60_000 + Int64(second * 1_000 + milliseconds)
  }
}

extension Timestamp: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = Timestamp(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\"\(text)\" is not an instant such as 2026-11-25T03:52:54.123Z")
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

private struct DigitReader {
  let bytes: [UInt8]
  var position = 0

  var isAtEnd: Bool { position == bytes.count }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func digit() -> Int? {
    guard position < bytes.count, bytes[position] >= UInt8(ascii: "0"), bytes[position] <= UInt8(ascii: "9") else {
      return nil
    }
    defer { position += 1 }
    return Int(bytes[position] - UInt8(ascii: "0"))
  }

  mutating func number(digits: Int) -> Int? {
    var value = 0
    for _ in 0..<digits {
      guard let next = digit() else { return nil }
      value = value * 10 + next
    }
    return value
  }

  /// Milliseconds of an optional fraction; nil if a point has no digit behind it.
  mutating func fraction() -> Int? {
    guard skip(".") else { return 0 }
    var value = 0
    var count = 0
    while let next = digit() {
      if count < 3 { value = value * 10 + next }
      count += 1
    }
    guard count > 0 else { return nil }
    for _ in 0..<max(0, 3 - count) { value *= 10 }
    return value
  }

  mutating func zoneOffsetInMinutes() -> Int? {
    if skip("Z") || skip("z") { return 0 }
    let sign: Int
    if skip("+") {
      sign = 1
    } else if skip("-") {
      sign = -1
    } else {
      return nil
    }
    guard let hours = number(digits: 2), hours < 24 else { return nil }
    _ = skip(":")
    guard let minutes = number(digits: 2), minutes < 60 else { return nil }
    return sign * (hours * 60 + minutes)
  }
}
