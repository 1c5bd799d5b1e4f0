import Concurrency
import JSON

/// What `/v2/queue` tells of the offers that an application has seen.
struct OfferStatistics: Sendable {
  private var processed = 0
  private var unused = 0
  private var lastUnusedAt: Timestamp?
  private var lastUsedAt: Timestamp?
  /// Per agent, what was said the last time.
  private(set) var last: [Int: Rejection] = [:]
  private var attempt: [Rejection] = []

  mutating func used(at now: Timestamp) {
    processed += 1
    lastUsedAt = now
    attempt = []
  }

  mutating func refused(_ rejections: [(agent: Int, reason: Rejection)], at now: Timestamp) {
    processed += rejections.count
    unused += rejections.count
    lastUnusedAt = now
    last = Dictionary(rejections.map { ($0.agent, $0.reason) }, uniquingKeysWith: { $1 })
    attempt += rejections.map(\.reason)
    // Only the proportions matter after that many.
    if attempt.count > 10_000 { attempt.removeFirst(attempt.count - 5_000) }
  }

  var json: JSON {
    var object: JSONObject = [
      "processedOffersCount": .integer(Int64(processed)), "unusedOffersCount": .integer(Int64(unused)),
    ]
    if let lastUnusedAt { object["lastUnusedOfferAt"] = .string(lastUnusedAt.description) }
    if let lastUsedAt { object["lastUsedOfferAt"] = .string(lastUsedAt.description) }
    object["rejectSummaryLastOffers"] = Self.funnel(Array(last.values))
    object["rejectSummaryLaunchAttempt"] = Self.funnel(attempt)
    return .object(object)
  }

  /// Offers go through the reasons in their order and stop at the one that declines them.
  private static func funnel(_ rejections: [Rejection]) -> JSON {
    var left = rejections.count
    return .array(
      Rejection.allCases.map { reason in
        let declined = rejections.filter { $0 == reason }.count
        defer { left -= declined }
        return [
          "reason": .string(reason.rawValue), "declined": .integer(Int64(declined)),
          "processed": .integer(Int64(reason == .declinedScarceResources ? 0 : left)),
        ]
      })
  }
}
