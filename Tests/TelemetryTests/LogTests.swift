import Concurrency
import Glibc
import JSON
import Telemetry
import Testing

/// Both ends of a pipe.
private final class Pipe: Sendable {
  let reading: Int32
  let writing: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    close(reading)
    close(writing)
  }

  /// All that is in the pipe now.
  func contents() -> String {
    _ = fcntl(reading, F_SETFL, O_NONBLOCK)
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(reading, &buffer, buffer.count)
      guard count > 0 else { return String(decoding: all, as: UTF8.self) }
      all += buffer.prefix(count)
    }
  }
}

struct LogTests {
  private let pipe: Pipe
  private let start: Timestamp

  init() throws {
    pipe = try Pipe()
    start = try #require(Timestamp("2026-11-25T03:52:54.123Z"))
  }

  private func log(
    level: LogLevel = .info, format: Log.Format = .automatic, secrets: KnownSecrets = KnownSecrets(),
    queueLimit: Int = 1 << 20
  ) -> Log {
    Log(
      level: level, format: format, output: .descriptor(pipe.writing), secrets: secrets, time: ManualTime(start),
      queueLimit: queueLimit)
  }

  @Test func withoutATerminalLinesAreJSON() async {
    let log = log()
    Logger("api", to: log).error("no answer", ["host": "h", "port": 80, "key": Secret("k"), "none": String?.none])
    await log.flush()
    #expect(
      pipe.contents()
        == #"{"ts":"2026-11-25T03:52:54.123Z","level":"error","label":"api","message":"no answer","#
        + #""host":"h","port":80,"key":"<redacted>","none":null}"# + "\n")
  }

  @Test func textCanBeAskedForAndHasNoColoursThere() async {
    let log = log(format: .text)
    Logger("api", to: log).info("hello")
    await log.flush()
    #expect(pipe.contents() == "2026-11-25T03:52:54.123Z INFO    api hello\n")
  }

  @Test func whatIsBelowTheLevelIsNotEvenMade() async {
    let log = log(level: .warning, format: .text)
    let logger = Logger("api", to: log)
    var made = 0
    func text() -> String {
      made += 1
      return "text"
    }
    logger.debug(text())
    logger.info(text(), ["field": text()])
    logger.warning(text())
    await log.flush()
    #expect(made == 1)
    #expect(pipe.contents().split(separator: "\n").count == 1)
  }

  @Test func registeredSecretsAreScrubbedFromMessagesAndFields() async {
    let secrets = KnownSecrets()
    secrets.add("s3cr\"3t")
    let log = log(secrets: secrets)
    Logger("api", to: log).info("got s3cr\"3t", ["answer": "key=s3cr\"3t"])
    await log.flush()
    let text = pipe.contents()
    #expect(!text.contains("3t"))
    #expect(text.contains("key=<redacted>"))
  }

  @Test func aFullPipeStopsNobodyAndLosesWithNotice() async {
    let log = log(format: .text, queueLimit: 10_000)
    let logger = Logger("api", to: log)
    // More than the pipe (64 KiB) and the queue hold: this loop ends though nobody reads.
    for number in 0..<20_000 { logger.info("line \(number)") }
    var text = ""
    var (written, dropped) = (0, 0)
    for _ in 0..<1000 where written + dropped < 20_000 {
      text += pipe.contents()
      await log.flush(within: .milliseconds(5))
      text += pipe.contents()
      let (notices, lines) = (
        text.split(separator: "\n").filter { $0.contains("dropped") }, text.split(separator: "\n")
      )
      // A notice for each time that the queue was full.
      dropped = notices.reduce(0) { $0 + (Int($1.split(separator: "=").last ?? "") ?? 0) }
      written = lines.count - notices.count
    }
    #expect(dropped > 0)
    #expect(dropped + written == 20_000)
    #expect(text.hasPrefix("2026-11-25T03:52:54.123Z INFO    api line 0\n"))
  }

  @Test func flushGivesUpWhenNobodyReads() async {
    let log = log(format: .text)
    for number in 0..<5_000 { Logger("api", to: log).info("line \(number)") }
    let start = ContinuousClock.now
    await log.flush(within: .milliseconds(20))
    #expect(ContinuousClock.now - start < .seconds(5))
    var text = ""
    for _ in 0..<1000 where !text.contains("line 4999") {
      text += pipe.contents()
      await log.flush(within: .milliseconds(5))
    }
    #expect(text.contains("line 4999"))
  }

  @Test func aReaderThatIsGoneCostsTheLinesNotTheProgram() async {
    await #expect(processExitsWith: .success) {
      let pipe = try Pipe()
      close(pipe.reading)
      let log = Log(output: .descriptor(pipe.writing))
      Logger("api", to: log).info("to nobody")
      await log.flush()
      Logger("api", to: log).info("again")
      await log.flush()
    }
  }
}
