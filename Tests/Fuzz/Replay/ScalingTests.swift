import Glibc
import HTTPTypes
import JSON
import Testing

@testable import StackModel

/// Decoders and the model take time in proportion to what they are given: four times the input may take a little more
/// than four times as long, never sixteen times.
///
/// Measured in CPU time of this thread, so that it does not matter what else runs on the machine.
@Suite(.serialized) struct ScalingTests {
  /// One kind of input that could be costly, made in a size, and what is done with it.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// At which one run takes a few milliseconds.
    let size: Int
    /// Makes the input, and returns what is to be measured.
    let prepare: @Sendable (Int) throws -> () throws -> Void

    var testDescription: String { name }
  }

  @Test(arguments: Case.all)
  func fourTimesTheInputTakesAboutFourTimesAsLong(_ scaling: Case) throws {
    // The least of several, and once again where it looks bad: caches and the kernel have their moods.
    var ratio = 0.0
    for _ in 0..<3 {
      let small = try Self.seconds(scaling, scaling.size, runs: 2)
      let large = try Self.seconds(scaling, scaling.size * 4, runs: 1)
      ratio = large / max(small, 0.000_5)
      if ratio < 8 { return }
    }
    Issue.record("\(scaling.name): four times the input takes \(ratio) times as long")
  }

  private static func seconds(_ scaling: Case, _ size: Int, runs: Int) throws -> Double {
    let run = try scaling.prepare(size)
    var least = Double.infinity
    for _ in 0..<runs {
      let start = threadSeconds()
      try run()
      least = min(least, threadSeconds() - start)
    }
    return least
  }

  private static func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
