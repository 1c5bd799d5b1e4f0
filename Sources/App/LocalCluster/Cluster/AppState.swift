import Concurrency
import JSON

/// An application that stands, with what the cluster remembers of it between tasks.
struct AppState: Sendable {
  var definition: AppDefinition
  var backoff = Backoff()
  var offers = OfferStatistics()
  /// Since when instances have waited for a place or for the end of a delay.
  var waitingSince: Timestamp?
  /// How many instances wait.
  var waiting = 0
  var lastTaskFailure: JSON?
  /// The state of the agents' resources that the last offers were refused with.
  var refusedAt: Int?
  /// The delay's end that a timer has been set for.
  var timerAt: Timestamp?

  init(_ definition: AppDefinition) { self.definition = definition }
}
