package import JSON

/// An application (or pod) with instances that wait for an offer or for the end of a backoff.
package struct MarathonQueueItem: Sendable, Hashable, Decodable {
  /// Instances that wait.
  package var count: Int
  package var delay: Delay
  package var since: String?
  package var role: String?
  package var processedOffersSummary: OfferSummary?
  package var app: MarathonApp?
  /// A pod in place of an application, as it came.
  package var pod: JSON?

  /// How long the next start is put off after failures.
  package struct Delay: Sendable, Hashable, Codable {
    package var timeLeftSeconds: Double?
    /// True when nothing but an offer is missing.
    package var overdue: Bool
  }

  /// What came of the offers since the item is in the queue.
  package struct OfferSummary: Sendable, Hashable, Codable {
    package var processedOffersCount: Int?
    package var unusedOffersCount: Int?
    package var lastUnusedOfferAt: String?
    package var lastUsedOfferAt: String?
    /// Per reason, for the last round of offers.
    package var rejectSummaryLastOffers: [Rejection]?
    /// Per reason, since the launch was first tried.
    package var rejectSummaryLaunchAttempt: [Rejection]?
  }

  package struct Rejection: Sendable, Hashable, Codable {
    /// E.g. `InsufficientCpus`, `UnfulfilledConstraint`.
    package var reason: String
    package var declined: Int
    package var processed: Int
  }
}

extension MarathonQueueItem {
  package var id: String? { app?.id ?? pod?["id"]?.stringValue }

  /// Why the last offers were not taken, the most frequent reason first; empty if there were none.
  package var reasons: [Rejection] {
    let all = processedOffersSummary?.rejectSummaryLastOffers ?? []
    return all.filter { $0.declined > 0 }.sorted { $0.declined > $1.declined }
  }
}
