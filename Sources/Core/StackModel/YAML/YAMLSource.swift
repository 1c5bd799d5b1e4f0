/// The bytes of a source, at one address for as long as libyaml reads them.
///
/// A byte order mark at the front is left out, so that columns count what an author sees.
final class YAMLSource {
  let pointer: UnsafePointer<UInt8>
  let count: Int
  private let memory: UnsafeMutableBufferPointer<UInt8>

  init(_ bytes: [UInt8]) {
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    // One byte more, so that there is an address even where there is no text.
    memory = .allocate(capacity: text.count + 1)
    _ = memory.initialize(from: text)
    count = text.count
    pointer = UnsafePointer(memory.baseAddress.unsafelyUnwrapped)
  }

  deinit {
    memory.deallocate()
  }

  /// The place of a byte, for the errors that libyaml gives as an offset.
  func position(ofByte offset: Int) -> SourcePosition {
    var place = Place()
    for byte in UnsafeBufferPointer(start: pointer, count: min(offset, count)) { place.pass(byte) }
    return place.position
  }

  /// What is left to read, as an array.
  var bytes: [UInt8] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  /// Replaces a `[` or `]` at a place by a character that a tag may contain; false where there is none.
  func correctTag(at position: SourcePosition) -> Bool {
    guard let found = firstIndicator("[", or: "]", from: position), found.position == position else { return false }
    memory[found.offset] = UInt8(ascii: "_")
    return true
  }

  /// The first of two characters at or behind a place.
  func firstIndicator(
    _ first: Character, or second: Character, from start: SourcePosition
  ) -> (character: Character, position: SourcePosition, offset: Int)? {
    var place = Place()
    for offset in 0..<count {
      let byte = memory[offset]
      if place.position >= start {
        if byte == first.asciiValue { return (first, place.position, offset) }
        if byte == second.asciiValue { return (second, place.position, offset) }
      }
      place.pass(byte)
    }
    return nil
  }

  /// Counts lines and columns as libyaml does.
  private struct Place {
    private(set) var position = SourcePosition.start
    /// The two bytes before, the last one lowest.
    private var previous: UInt32 = 0

    /// A break is LF, CR LF, a lone CR, and the rarer NEL, LS and PS of YAML 1.1.
    mutating func pass(_ byte: UInt8) {
      previous = (previous << 8 | UInt32(byte)) & 0xFF_FFFF
      switch previous {
      case _ where previous & 0xFFFF == 0x0D0A: break
      case _ where byte == 0x0A || byte == 0x0D || previous & 0xFFFF == 0xC285, 0xE280A8, 0xE280A9:
        position.line += 1
        position.column = 1
      default:
        if byte & 0xC0 != 0x80 { position.column += 1 }
      }
    }
  }
}
