extension Collection<UInt8> where Self: BidirectionalCollection {
  /// Where the last character ends that is whole: an index at most three bytes before the end. What can be no character
  /// at all counts as whole.
  package var endOfWholeCharacters: Index {
    var place = endIndex
    // A character has at most four bytes: its first one is so near, if its end is missing.
    for length in 1...4 where place > startIndex {
      place = index(before: place)
      let byte = self[place]
      if byte & 0xC0 == 0x80 { continue }
      let needed = byte >= 0xF8 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
      return needed > length ? place : endIndex
    }
    return endIndex
  }
}
