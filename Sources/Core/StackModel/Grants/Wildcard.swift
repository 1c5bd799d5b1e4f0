/// A text in which `*` stands for any text, also an empty one, whatever characters are in it.
struct Wildcard: Sendable, Hashable {
  private let pattern: [UInt8]

  init(_ pattern: String) { self.pattern = Array(pattern.utf8) }

  /// At most as many steps as the product of both lengths.
  func matches(_ text: String) -> Bool {
    let star = UInt8(ascii: "*")
    let text = Array(text.utf8)
    var place = 0
    var inText = 0
    // Where to go on if what follows the last `*` does not fit: one character more is what the `*` stands for.
    var retry: (place: Int, inText: Int)?
    while inText < text.count {
      if place < pattern.count, pattern[place] == star {
        place += 1
        retry = (place, inText)
      } else if place < pattern.count, pattern[place] == text[inText] {
        place += 1
        inText += 1
      } else if let last = retry {
        place = last.place
        inText = last.inText + 1
        retry = (place, inText)
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == star }
  }
}
