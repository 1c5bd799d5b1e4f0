/// Growing pauses with jitter, so that many clients of a Marathon that comes back do not return at the same moment.
package struct Backoff: Sendable, Hashable {
  package var first: Duration
  package var longest: Duration
  private var next: Duration

  /// Each pause is twice the one before, up to `longest`.
  package init(first: Duration, longest: Duration) {
    self.first = first
    self.longest = longest
    next = first
  }

  package mutating func reset() { next = first }

  /// Between half of the present pause and all of it.
  package mutating func pause(using random: inout some RandomNumberGenerator) -> Duration {
    defer { next = min(next * 2, longest) }
    return next * Double.random(in: 0.5...1, using: &random)
  }
}

/// SplitMix64: small, and the same numbers for the same seed on every machine.
package struct SeededRandom: RandomNumberGenerator, Sendable, Hashable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
