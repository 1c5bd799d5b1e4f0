import Concurrency
import Store

/// One run at a time for each stack and zone; the others wait in the order in which they came.
struct RunLocks: Sendable {
  struct Lane: Sendable, Hashable {
    var stack: String
    var zone: String
  }

  struct Holder: Sendable, Hashable {
    var run: RunID
    var user: String
    /// When it got hold of the lane, or began to wait.
    var since: Timestamp
  }

  enum Answer: Sendable, Hashable {
    case acquired
    case held(by: Holder)
  }

  private var lanes: [Lane: [Holder]] = [:]

  func holder(of lane: Lane) -> Holder? { lanes[lane]?.first }

  /// Takes a place in the line, if the run has none yet, and says who holds the lane.
  mutating func request(_ lane: Lane, _ run: RunID, _ user: String, at now: Timestamp) -> Answer {
    var line = lanes[lane, default: []]
    if !line.contains(where: { $0.run == run }) { line.append(Holder(run: run, user: user, since: now)) }
    lanes[lane] = line
    return line[0].run == run ? .acquired : .held(by: line[0])
  }

  /// Leaves the line. Returns the new holder, if that changed, and those who wait behind it.
  mutating func release(_ lane: Lane, _ run: RunID, at now: Timestamp) -> (holder: Holder, waiting: [RunID])? {
    guard var line = lanes[lane], let place = line.firstIndex(where: { $0.run == run }) else { return nil }
    line.remove(at: place)
    lanes[lane] = line.isEmpty ? nil : line
    guard place == 0, !line.isEmpty else { return nil }
    line[0].since = now
    lanes[lane] = line
    return (line[0], line.dropFirst().map(\.run))
  }
}
