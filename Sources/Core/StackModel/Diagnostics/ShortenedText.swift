extension String {
  /// For messages: long texts end in dots, so that what somebody sends does not come back as an answer many times as
  /// long.
  var shortened: String { shortened(to: 200) }

  /// At most so many bytes, and dots.
  func shortened(to limit: Int) -> String {
    guard utf8.count > limit else { return self }
    // Back to where a character begins.
    var cut = utf8.index(utf8.startIndex, offsetBy: limit)
    while cut > utf8.startIndex, utf8[cut] & 0xC0 == 0x80 { utf8.formIndex(before: &cut) }
    return String(self[..<cut]) + "…"
  }
}
