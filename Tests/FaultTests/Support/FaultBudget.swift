import Concurrency
import FaultInjection
import Glibc
import Testing

/// How many faults a run of the suite tries: a sample that a seed chooses, or all of them.
///
/// - `STACK_DEPLOY_FAULTS=all`: every fault of every suite; else a sample.
/// - `STACK_DEPLOY_FAULT_SEED=N`: chooses the same sample, the same schedules and the same second faults again.
struct FaultBudget: Sendable {
  static let isExhaustive = variable("STACK_DEPLOY_FAULTS") == "all"
  static let seed = variable("STACK_DEPLOY_FAULT_SEED").flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999_999)

  static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// A generator of its own for every user, so that one test can be repeated alone.
  static func generator(_ user: String) -> SeededGenerator {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in user.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return SeededGenerator(seed: seed ^ hash)
  }

  /// All of them, or as many as the sample has.
  static func choose<Element>(_ all: [Element], sample: Int, for user: String) -> [Element] {
    guard !isExhaustive, all.count > sample else { return all }
    var random = generator(user)
    return Array(all.shuffled(using: &random).prefix(sample))
  }

  /// For the message of a failed expectation: how to see it again.
  static var again: String { "seed \(seed)" }

  /// Prints what `scripts/faults` adds up.
  static func tried(_ count: Int, _ suite: String, _ what: String) {
    print("faults tried: \(count) in \(suite), \(what) (seed \(seed))")
  }
}
