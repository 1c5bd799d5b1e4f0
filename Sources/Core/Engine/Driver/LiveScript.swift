import Concurrency

/// A script that this server runs, as the driver reaches it.
struct LiveScript: Sendable {
  struct Key: Sendable, Hashable {
    var application: String
    var token: Int
  }

  /// Takes the answers to the calls that the script waits for.
  let answers = AnswerQueue()
  /// Fired when the script is to end.
  let cancel = AsyncSignal()
}
