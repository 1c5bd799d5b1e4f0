import Glibc

/// An instant of the wall clock with a resolution of a millisecond.
///
/// Its text is ISO 8601 in UTC with three digits of milliseconds: `2026-11-25T03:52:54.123Z`; that is also how it is
/// coded, so stored and sent instants can be read and sorted as text.
package struct Timestamp: Sendable, Hashable, Comparable {
  /// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
  package var millisecondsSinceEpoch: Int64

  package init(millisecondsSinceEpoch: Int64) {
    self.millisecondsSinceEpoch = millisecondsSinceEpoch
  }

  /// The present, from `CLOCK_REALTIME`. Code that decides takes a `TimeSource` instead.
  package static func systemNow() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(millisecondsSinceEpoch: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.millisecondsSinceEpoch < right.millisecondsSinceEpoch
  }

  /// The instant `duration` later; what is left below a millisecond is dropped.
  package static func + (left: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(millisecondsSinceEpoch: left.millisecondsSinceEpoch + duration.wholeMilliseconds)
  }

  package static func - (left: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(millisecondsSinceEpoch: left.millisecondsSinceEpoch - duration.wholeMilliseconds)
  }

  /// The time from `right` to `left`; negative if `left` is the earlier one.
  package static func - (left: Timestamp, right: Timestamp) -> Duration {
    .milliseconds(left.millisecondsSinceEpoch - right.millisecondsSinceEpoch)
  }
}

extension Duration {
  /// The duration in milliseconds, the rest dropped (towards zero).
  package var wholeMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
  }

  /// The duration in microseconds, the rest dropped (towards zero).
  package var wholeMicroseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }

  /// The duration in seconds, for figures and metrics.
  package var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
