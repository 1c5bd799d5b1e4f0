import Glibc

/// When to look for transfers without a byte. Bytes only move a deadline back, so the earliest one known is never too
/// late, and one sweep per timeout is enough however many bytes come.
struct IdleDeadlines {
  /// Monotonic milliseconds; `nil` while no transfer has an idle timeout.
  private(set) var nextCheck: Int?
  /// Sweeps are at least this many milliseconds apart.
  private static let resolution = 5

  mutating func add(after timeout: Duration, now: Int = MonotonicClock.milliseconds()) {
    note(now + timeout.wholeMilliseconds)
  }

  /// True at most once per deadline; then every transfer is to be given to ``check(lastByte:timeout:now:)``.
  mutating func isDue(_ now: Int) -> Bool {
    guard let next = nextCheck, next <= now else { return false }
    nextCheck = nil
    return true
  }

  /// True when the transfer has been silent for too long; otherwise its deadline is noted.
  mutating func check(lastByte: Int, timeout: Duration, now: Int) -> Bool {
    let deadline = lastByte + timeout.wholeMilliseconds
    if deadline <= now { return true }
    note(max(deadline, now + Self.resolution))
    return false
  }

  private mutating func note(_ deadline: Int) {
    nextCheck = min(nextCheck ?? deadline, deadline)
  }
}

enum MonotonicClock {
  static func milliseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}

extension Duration {
  /// Rounded up, at least 1, at most 24 days (what libcurl's timers hold on every platform).
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    if seconds >= 2_000_000 { return 2_000_000_000 }
    return max(1, Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
  }
}
