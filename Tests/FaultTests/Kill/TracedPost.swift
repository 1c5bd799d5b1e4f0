/// A request of a stack's function that must not be repeated: the last of its calls that the journal has an intent for. A server that is
/// killed behind the intent leaves it in doubt.
struct TracedPost: Sendable {
  /// `POST /posting-1/order`
  var request: String
  /// What the function sets to the answer's status, once it has it.
  var variable: String
  /// How many calls with an intent the function makes, this one included.
  var calls: Int

  enum Doubt: Sendable {
    case none, certain
    /// It depends on whether the last write was on the disk already.
    case possible
  }

  /// What the points tell that a server reached before it was killed.
  /// - Parameter isAtPoint: whether it was killed at the last of them, so that a write that begins there was not begun.
  func doubt(_ points: [String], stack: String, isAtPoint: Bool) -> Doubt {
    var called = 0
    var isAnswered = false
    func take(_ write: some StringProtocol) {
      for entry in write.split(separator: ", ") {
        if entry == "\(stack)/run called" { called += 1 }
        if entry == "\(stack)/run answered", called == calls { isAnswered = true }
      }
    }
    // Writes that may have been on their way when it died.
    var pending: [Substring] = []
    for (place, point) in points.enumerated() {
      // `12 after journal posting-1/run called`
      let words = point.split(separator: " ", maxSplits: 3)
      guard words.count == 4, words[2] == "journal" else { continue }
      if words[1] == "before" {
        if !(isAtPoint && place == points.count - 1) { pending.append(words[3]) }
      } else {
        if let place = pending.firstIndex(of: words[3]) { pending.remove(at: place) }
        take(words[3])
      }
    }
    let known = (isCalled: called == calls, isAnswered: isAnswered)
    for write in pending { take(write) }
    if known.isAnswered { return .none }
    if known.isCalled { return isAnswered ? .possible : .certain }
    return called == calls ? .possible : .none
  }
}
