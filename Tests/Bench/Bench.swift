import Concurrency
import Glibc
import Processes

/// Measures stack-deploy from outside, as the processes that it is: see `scripts/bench`.
@main
struct Bench {
  /// The program under test.
  var server = ""
  /// For data folders; emptied at the end.
  var folder = ""
  var samples = 5

  static func main() async {
    do {
      try await run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      fail("bench: \(error)")
    }
  }

  private static func fail(_ text: String) -> Never {
    say(text, to: 2)
    exit(1)
  }

  static func say(_ text: String, to descriptor: Int32 = 1) {
    let line = text + "\n"
    _ = write(descriptor, line, line.utf8.count)
  }

  private static func run(_ arguments: [String]) async throws {
    ProcessReactor.raiseDescriptorLimit()
    if arguments.first == "marathon", let port = arguments.dropFirst().first.flatMap({ Int($0) }) {
      try await InstantMarathon().serve(port: port)
    } else if arguments == ["wait"] {
      WaitingProcess.wait()
    } else {
      try await measure(arguments)
    }
  }

  private static func measure(_ arguments: [String]) async throws {
    var bench = Bench()
    var report = "performance.json"
    var document = "performance.md"
    var names: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--server": bench.server = rest.popFirst() ?? ""
      case "--folder": bench.folder = rest.popFirst() ?? ""
      case "--report": report = rest.popFirst() ?? ""
      case "--document": document = rest.popFirst() ?? ""
      case "--samples": bench.samples = rest.popFirst().flatMap { Int($0) } ?? bench.samples
      default: names.append(argument)
      }
    }
    let lines =
      try names.isEmpty
      ? Line.all
      : names.map { name in
        guard let line = Line.all.first(where: { $0.name == name }) else {
          throw BenchError("there is no line \(name); there are \(Line.all.map(\.name).joined(separator: ", "))")
        }
        return line
      }
    if names.isEmpty { say("measures all lines: \(lines.map(\.name).joined(separator: ", "))") }
    let machine = Machine.describe(folder: bench.folder)
    say("on \(machine.sentence)")
    for line in lines {
      let load = Machine.load
      Self.say("\n\(line.name): \(line.summary) (load before: \(load.short))")
      let begin = ContinuousClock.now
      let figures = try await line.measure(bench)
      for figure in figures { say(Report.row(figure) + "  \(figure.samples.map(\.short))") }
      Self.say("took \(((ContinuousClock.now - begin) / .seconds(1)).short) s")
      // Written after each line, so that what was measured is not lost.
      var all = Report(file: report)
      all.put(
        Report.Entry(
          line: line.name, at: SystemTime().now().description, loadBefore: load, machine: machine,
          measurements: figures), order: Line.all.map(\.name))
      try all.write(json: report, table: document)
    }
  }

  /// Starts a program that does not outlive the bench: its process number is noted for `scripts/bench`, which ends what is
  /// left when the bench itself was ended.
  func spawn(_ specification: ProcessSpecification) throws -> RunningProcess {
    let process = try ProcessReactor.shared.spawn(specification)
    let descriptor = open("\(folder)/processes", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    if descriptor >= 0 {
      Self.say("\(process.pid)", to: descriptor)
      close(descriptor)
    }
    return process
  }

  /// A new folder below the bench's own.
  func dataFolder(_ name: String) -> String {
    let path = "\(folder)/\(name)"
    Files.remove(path)
    return path
  }
}
