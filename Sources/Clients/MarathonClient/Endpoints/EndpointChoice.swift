/// Which of several endpoints to take: the one that answered last, after a failure the next.
struct EndpointChoice {
  private let count: Int
  private var current = 0

  init(count: Int) { self.count = count }

  /// All endpoints, in the order in which to try them.
  var order: [Int] { (0..<count).map { (current + $0) % count } }

  mutating func succeeded(_ index: Int) { current = index }

  /// Several requests may fail at the same endpoint at once; only the first moves on.
  mutating func failed(_ index: Int) {
    if current == index { current = (index + 1) % count }
  }
}
