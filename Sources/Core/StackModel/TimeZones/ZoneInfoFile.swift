/// The content of a zoneinfo file (RFC 8536): the changes of the offset, and the rule for the time behind the last one.
struct ZoneInfoFile: Sendable, Hashable {
  /// When each period begins, ascending; seconds since the epoch.
  private var starts: [Int64]
  /// The offset from the start of the same index on.
  private var offsets: [Int64]
  /// Before the first start.
  private var firstOffset: Int64
  /// Behind the last start; nil if the last offset stays.
  private var rule: ZoneRule?

  init(parsing bytes: [UInt8], of name: String) throws(ZoneInfoError) {
    var reader = Reader(bytes: bytes)
    do throws(Damage) {
      var header = try Header(&reader)
      guard header.isValid else { throw Damage("it does not begin with TZif and sensible counts") }
      let version = header.version
      // From version 2 on the same data follows with times of 64 bits; the first block is for old readers.
      if version >= UInt8(ascii: "2") {
        try reader.skip(header.dataSize(timeSize: 4))
        header = try Header(&reader)
        guard header.isValid else { throw Damage("its second header is wrong") }
      }
      let timeSize = version >= UInt8(ascii: "2") ? 8 : 4
      var starts: [Int64] = []
      for _ in 0..<header.timeCount { starts.append(try reader.signed(timeSize)) }
      var types: [Int] = []
      for _ in 0..<header.timeCount { types.append(Int(try reader.byte())) }
      var typeOffsets: [Int64] = []
      for _ in 0..<header.typeCount {
        typeOffsets.append(try reader.signed(4))
        try reader.skip(2)
      }
      try reader.skip(header.rest(timeSize: timeSize))
      guard types.allSatisfy({ $0 < typeOffsets.count }) else { throw Damage("a change has no type") }
      guard zip(starts, starts.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw Damage("its changes are not in order")
      }
      // RFC 8536, 3.2: earlier than this is never meant, and there would be no seconds left to add an offset to.
      guard starts.allSatisfy({ $0.magnitude <= 1 << 59 }) else { throw Damage("a change is too far away") }
      guard typeOffsets.allSatisfy({ abs($0) < 26 * 3_600 }) else { throw Damage("an offset is above 26 hours") }
      self.starts = starts
      self.offsets = types.map { typeOffsets[$0] }
      self.firstOffset = typeOffsets[0]
      if version >= UInt8(ascii: "2") {
        let footer = try reader.line()
        if !footer.isEmpty {
          guard let rule = ZoneRule(footer) else { throw Damage("its rule '\(footer)' is not understood") }
          self.rule = rule
        }
      }
    } catch {
      throw ZoneInfoError(zone: name, reason: .malformed(error.problem))
    }
  }

  func period(at second: Int64) -> ZoneInfo.Period {
    // How many starts are at or before the second.
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= second { low = middle + 1 } else { high = middle }
    }
    if low < starts.count {
      return ZoneInfo.Period(offset: low == 0 ? firstOffset : offsets[low - 1], end: starts[low])
    }
    return rule?.period(at: second) ?? ZoneInfo.Period(offset: offsets.last ?? firstOffset, end: nil)
  }
}

private struct Damage: Error {
  let problem: String
  init(_ problem: String) { self.problem = problem }
}

/// The head of a block of data: how much of what follows.
private struct Header {
  let version: UInt8
  let isTZif: Bool
  let utcCount: Int
  let standardCount: Int
  let leapCount: Int
  let timeCount: Int
  let typeCount: Int
  let characterCount: Int

  init(_ reader: inout Reader) throws(Damage) {
    let magic = [try reader.byte(), try reader.byte(), try reader.byte(), try reader.byte()]
    isTZif = magic == Array("TZif".utf8)
    version = try reader.byte()
    try reader.skip(15)
    utcCount = Int(try reader.signed(4))
    standardCount = Int(try reader.signed(4))
    leapCount = Int(try reader.signed(4))
    timeCount = Int(try reader.signed(4))
    typeCount = Int(try reader.signed(4))
    characterCount = Int(try reader.signed(4))
  }

  var isValid: Bool {
    isTZif && typeCount > 0
      && [utcCount, standardCount, leapCount, timeCount, characterCount].allSatisfy { $0 >= 0 }
  }

  func dataSize(timeSize: Int) -> Int {
    timeCount * (timeSize + 1) + typeCount * 6 + rest(timeSize: timeSize)
  }

  /// What stands behind the types.
  func rest(timeSize: Int) -> Int {
    characterCount + leapCount * (timeSize + 4) + standardCount + utcCount
  }
}

private struct Reader {
  private static let tooShort = Damage("it ends too early")

  let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func byte() throws(Damage) -> UInt8 {
    guard position < bytes.count else { throw Self.tooShort }
    position += 1
    return bytes[position - 1]
  }

  mutating func skip(_ count: Int) throws(Damage) {
    guard count <= bytes.count - position else { throw Self.tooShort }
    position += count
  }

  /// A signed number of 4 or 8 bytes, the most significant first.
  mutating func signed(_ size: Int) throws(Damage) -> Int64 {
    var value: UInt64 = 0
    for _ in 0..<size { value = value << 8 | UInt64(try byte()) }
    return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
  }

  /// What stands between two line feeds.
  mutating func line() throws(Damage) -> String {
    guard try byte() == UInt8(ascii: "\n") else { throw Self.tooShort }
    let rest = bytes[position...]
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { throw Self.tooShort }
    position = end + 1
    return String(decoding: rest[..<end], as: UTF8.self)
  }
}
