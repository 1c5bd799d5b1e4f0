import Glibc

/// libFuzzer's own `main`, as a function (compiler-rt, `FuzzerInterface.h`).
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ check: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// Drives one target with libFuzzer. `scripts/fuzz` starts it, with the target and the limit in the environment and
/// libFuzzer's flags behind it; without a target it lists them all.
@main
enum FuzzRunner {
  private static let target = variable("STACK_DEPLOY_FUZZ_TARGET").flatMap(FuzzTarget.named)

  /// CPU seconds after which the search ends.
  private static let limit = variable("STACK_DEPLOY_FUZZ_SECONDS").flatMap { Double($0) } ?? .infinity

  /// CPU seconds that one input may take; large ones, which are only replayed, may take more. Wall time would blame an
  /// input for what else runs on the machine.
  private static func longest(_ bytes: [UInt8]) -> Double { 2 + Double(bytes.count) * 10e-6 }

  static func main() {
    guard target != nil else {
      for target in FuzzTarget.all { print("\(target.name)\t\(target.longestInput)\t\(target.summary)") }
      return
    }
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    exit(
      runDriver(&count, &arguments) { start, count in
        FuzzRunner.run(Array(UnsafeBufferPointer(start: start, count: count)))
        return 0
      })
  }

  private static func run(_ bytes: [UInt8]) {
    guard let target else { return }
    let start = cpuSeconds()
    do {
      try target.check(bytes)
    } catch {
      fatalError("\(target.name): \(error)")
    }
    let end = cpuSeconds()
    guard end - start <= longest(bytes) else {
      fatalError("\(target.name): \(bytes.count) bytes took \(end - start) s of CPU")
    }
    // On this signal libFuzzer ends in good order.
    if end > limit { raise(SIGUSR1) }
  }

  private static func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
