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
    var position = SourcePosition.start
    for byte in UnsafeBufferPointer(start: pointer, count: min(offset, count)) {
      if byte == UInt8(ascii: "\n") {
        position.line += 1
        position.column = 1
      } else if byte & 0xC0 != 0x80 {
        position.column += 1
      }
    }
    return position
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
    var position = SourcePosition.start
    var previous: UInt8 = 0
    for offset in 0..<count {
      let byte = memory[offset]
      if position >= start {
        if byte == first.asciiValue { return (first, position, offset) }
        if byte == second.asciiValue { return (second, position, offset) }
      }
      // A break is LF, CR LF or a lone CR. libyaml's rarer ones (NEL, LS, PS) would only shift the column.
      if byte == UInt8(ascii: "\r") || (byte == UInt8(ascii: "\n") && previous != UInt8(ascii: "\r")) {
        position.line += 1
        position.column = 1
      } else if byte & 0xC0 != 0x80, byte != UInt8(ascii: "\n") {
        position.column += 1
      }
      previous = byte
    }
    return nil
  }
}
