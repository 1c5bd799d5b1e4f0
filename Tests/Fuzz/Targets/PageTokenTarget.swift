import Store

extension FuzzTarget {
  /// A token; on the second line one without its checksum, which is added; after that a key to make one of.
  static let pageTokens = FuzzTarget(
    name: "page-tokens", summary: "tokens of pages", longestInput: 256
  ) { bytes in
    let lists = ["stacks", "runs", "users"]
    func check(_ text: String) throws {
      let token = PageToken(text: text)
      for list in lists {
        let key: [UInt8]
        do throws(StoreError) {
          key = try token.key(of: list)
        } catch {
          try require(error.code == .invalidPageToken, "\(text) is refused with \(error)")
          continue
        }
        // What is taken was given out.
        try require(PageToken(list: list, key: key) == token, "\(text) is no token of ours")
        if let number = try? token.numberKey(of: list) {
          try require(PageToken(list: list, key: number) == token, "\(text) is no token of the number \(number)")
        }
        if let name = try? token.textKey(of: list) {
          try require(PageToken(list: list, key: name.utf8) == token, "\(text) is no token of the name \(name)")
        }
      }
    }
    let parts = lines(bytes)
    try check(parts[0])
    guard parts.count > 1 else { return }
    try check("\(parts[1])-\(checksum(parts[1]))")

    let key = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false).dropFirst(2)
    guard let key = key.first.map(Array.init) else { return }
    let list = lists[key.count % 3]
    let token = PageToken(list: list, key: key)
    try require(try token.key(of: list) == key, "\(token.text) does not come back")
    for other in lists where other != list {
      try require((try? token.key(of: other)) == nil, "\(token.text) is taken for one of \(other)")
    }
    // One mistake in copying, at a place that the input decides.
    var digits = Array(token.text.utf8)
    let place = Int(key.first ?? 0) % digits.count
    digits[place] = digits[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
    let copy = String(decoding: digits, as: UTF8.self)
    try require((try? PageToken(text: copy).key(of: list)) == nil, "\(copy) is taken for \(token.text)")
  }

  /// FNV-1a: without it a search would not get past the checksum.
  private static func checksum(_ text: String) -> String {
    let hash = text.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
