package import ScriptHost
package import StackModel

/// What an engine is told when it is built.
package struct EngineOptions: Sendable {
  /// `--var` of `server`: the weakest of the three scopes.
  package var globalVariables: OrderedMap<String> = [:]
  /// How many requests may be under way to the cluster at once.
  package var clusterRequestLimit = 32
  /// How long what is under way gets for its outcome when the engine stops.
  package var stopGrace: Duration = .seconds(10)
  /// How long runs that have ended are kept; `nil` for ever.
  package var retention: Duration? = .seconds(30 * 24 * 3600)
  /// Of this user's runs the newest of each stack is kept however old it is: what it says counts for ever.
  package var lastingUser: String?
  package var timing = Timing()
  /// What scripts may call at most, and whether there are shell hooks.
  package var grants = ServerGrants.standard
  package var limits = Limits()

  package init() {}

  /// The engine's pace. The defaults are right but for tests.
  package struct Timing: Sendable, Hashable {
    /// First and longest pause between polls while the cluster's event stream is down.
    package var firstPoll: Duration = .milliseconds(250)
    package var longestPoll: Duration = .seconds(5)
    /// Pause between polls while the event stream stands.
    package var safetyPoll: Duration = .seconds(10)
    /// First and longest pause before a request is repeated that the cluster could not serve.
    package var firstRetry: Duration = .milliseconds(500)
    package var longestRetry: Duration = .seconds(10)
    /// How far the two reads must lie apart that prove that a change did not happen: longer than a killed server's
    /// request may be on its way.
    package var settleInterval: Duration = .seconds(3)
    /// How long what is under way gets when a run is cancelled, and when it failed, before it is given up.
    package var cancelGrace: Duration = .seconds(5)
    package var failureGrace: Duration = .seconds(30)
    /// How long a failure waits for the log that goes with it.
    package var logWait: Duration = .seconds(5)

    package init() {}

    /// The pause before a request is repeated; `tries`, from 0, counts the repeats before.
    func retryPause(_ tries: Int) -> Duration { Self.pause(tries, firstRetry, longestRetry) }

    /// The pause before the next look while the event stream is down.
    func pollPause(_ tries: Int) -> Duration { Self.pause(tries, firstPoll, longestPoll) }

    /// It doubles up to the longest.
    private static func pause(_ tries: Int, _ first: Duration, _ longest: Duration) -> Duration {
      min(first * (1 << min(tries, 16)), longest)
    }
  }

  /// Bounds on what one run may write.
  package struct Limits: Sendable, Hashable {
    package var journalEntries = 100_000
    package var journalBytes = 256 << 20
    /// Waiting reasons that one application may journal; later ones are passing notes.
    package var waitingNotes = 50
    /// Workers that the scripts of all runs may keep at once. Where another is wanted, the script that has waited longest gives its own up.
    package var workers = 64
    /// CPU time that the scripts of one run may use, over all servers, for being run again up to where they were.
    package var replayCPU: Duration = .seconds(60)
    /// Bytes of a log's end that are kept with a failure.
    package var logTail = 8 << 10

    package init() {}
  }
}
