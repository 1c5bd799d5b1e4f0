import Concurrency
import Glibc
import JSON
import Processes
import TestFolders
import Testing

@testable import ScriptHost

/// Workers that say what no worker says, as one would that a script has taken over.
struct FakeWorkerTests {
  /// What must come of each.
  private static let expectations: [(name: String, kind: ScriptFailure.Kind, sentence: String)] = [
    ("exits_at_once", .helper, "ended before it was ready (exit status 0)"),
    ("refuses_usage", .helper, "ended before it was ready (exit status 64)"),
    ("other_protocol", .helper, "it speaks protocol 1, this program 5"),
    ("refuses", .helper, "cannot install the system-call filter: Invalid argument"),
    ("prints_first", .helper, "a message that has no place here"),
    ("ends_before_ready", .helper, "a message that has no place here"),
    ("http", .helper, "it sent a frame of 1213486160 bytes"),
    ("never_ready", .budgetExceeded(.time), "over the time budget of 400ms"),
    ("garbage", .brokenProtocol, "a frame of 16777216 bytes"),
    ("half_head_exit", .workerDied, "ended without a word (exit status 0)"),
    ("half_frame_exit", .workerDied, "ended without a word (exit status 0)"),
    ("half_frame_hang", .budgetExceeded(.time), "over the time budget"),
    ("four_gigabytes", .brokenProtocol, "a frame of 4294967295 bytes, of which 8388608 are allowed"),
    ("over_the_limit", .brokenProtocol, "a frame of 8388609 bytes, of which 8388608 are allowed"),
    ("two_gigabytes_flood", .brokenProtocol, "a frame of 2147483647 bytes"),
    ("empty_frame", .brokenProtocol, "an empty frame"),
    ("not_json", .brokenProtocol, "a frame that is no JSON"),
    ("not_an_object", .brokenProtocol, "a frame of an unknown kind"),
    ("not_utf8", .brokenProtocol, "a frame that is no JSON"),
    ("nul_bytes", .brokenProtocol, "a frame that is no JSON"),
    ("two_values", .brokenProtocol, "a frame that is no JSON"),
    ("unknown_op", .brokenProtocol, "a frame of an unknown kind"),
    ("no_op", .brokenProtocol, "a frame of an unknown kind"),
    ("deep_json", .brokenProtocol, "a frame that is no JSON"),
    ("deep_value", .brokenProtocol, "a frame that is no JSON"),
    ("many_keys", .brokenProtocol, "a frame of an unknown kind"),
    ("ready_again", .brokenProtocol, "a message that has no place here"),
    ("refuses_late", .brokenProtocol, "a message that has no place here"),
    ("call_out_of_order", .brokenProtocol, "the call 7 after the call 0"),
    ("call_zero", .brokenProtocol, "the call 0 after the call 0"),
    ("call_negative", .brokenProtocol, "the call -1 after the call 0"),
    ("call_huge_id", .brokenProtocol, "the call 9223372036854775807 after the call 0"),
    ("call_big_id", .brokenProtocol, "a frame of an unknown kind"),
    ("call_fraction", .brokenProtocol, "a frame of an unknown kind"),
    ("call_unknown_function", .brokenProtocol, "a call of a function that it was not given"),
    ("call_without_arguments", .brokenProtocol, "a call without name or arguments"),
    ("call_with_object", .brokenProtocol, "a call without name or arguments"),
    ("call_without_name", .brokenProtocol, "a call without name or arguments"),
    ("replies_to_itself", .brokenProtocol, "a call without name or arguments"),
    ("call_twice", .brokenProtocol, "the call 1 after the call 1"),
    ("await_at_once", .brokenProtocol, "that it waits for an answer, while no call is open"),
    ("await_twice", .brokenProtocol, "that it waits for an answer, while no call is open"),
    ("later_flood", .brokenProtocol, "more than 100 open calls"),
    ("later_out_of_order", .brokenProtocol, "the call 3 after the call 1"),
    ("later_twice", .brokenProtocol, "the call 1 after the call 1"),
    ("later_of_pure", .brokenProtocol, "a call to be answered later, of a function that is answered at once"),
    ("later_and_at_once", .brokenProtocol, "a call to be answered at once, while others are open"),
    ("later_and_never_asked", .budgetExceeded(.time), "over the time budget"),
    ("later_and_end", .brokenProtocol, "its end, while calls are open"),
    ("later_answers_unread", .budgetExceeded(.time), "over the time budget"),
    ("call_flood", .budgetExceeded(.time), "over the time budget"),
    ("output_flood", .budgetExceeded(.output), "a script may print 1000000 bytes"),
    ("empty_output_flood", .budgetExceeded(.time), "over the time budget"),
    ("unknown_budget", .brokenProtocol, "a frame of an unknown kind"),
    ("wrong_types", .brokenProtocol, "a frame of an unknown kind"),
    ("end_without_value", .brokenProtocol, "a frame of an unknown kind"),
    ("long_words", .runtime, "\u{7}"),
    ("raised_no_object", .runtime, "well"),
    ("raised_wrong_types", .runtime, "well"),
    ("raised_unknown_code", .runtime, "well"),
    ("raised_odd_fields", .runtime, "well"),
    ("raised_large", .runtime, "well"),
    ("raised_deep", .brokenProtocol, "a frame that is no JSON"),
    ("call_of_the_prelude", .brokenProtocol, "a call of a function that it was not given"),
    ("call_of_a_module", .brokenProtocol, "a call of a function that it was not given"),
    ("call_without_dot", .brokenProtocol, "a call of a function that it was not given"),
    ("start_to_the_host", .brokenProtocol, "a frame of an unknown kind"),
    ("answer_to_the_host", .brokenProtocol, "a call without name or arguments"),
    ("ends_silently", .workerDied, "ended without a word (exit status 0)"),
    ("ends_with_code", .workerDied, "ended without a word (exit status 42)"),
    ("cpu_code", .budgetExceeded(.cpu), "over the CPU budget of 2s"),
    ("crashes", .workerDied, "made the Lua VM crash (signal segmentation fault)"),
    ("aborts", .workerDied, "made the Lua VM crash (signal aborted)"),
    ("forbidden_call", .workerDied, "made the Lua VM call the system, for which it was ended"),
    ("killed", .workerDied, "was killed, by the system's limits or from outside"),
    ("stops_by_itself", .workerDied, "was stopped from outside"),
    ("hangs", .budgetExceeded(.time), "over the time budget"),
    ("ignores_signals", .budgetExceeded(.time), "over the time budget"),
    ("closes_socket", .workerDied, "hung up without a word, and was ended"),
    ("leaves_child", .workerDied, "ended without a word (exit status 0)"),
  ]

  /// What is taken of the errors that they say to be the host's.
  private static let raised: [String: HostCallFailure] = [
    "raised_odd_fields": HostCallFailure(.timeout, ""), "raised_large": HostCallFailure(.timeout, "m"),
  ]

  /// What is odd, but in order.
  private static let accepted = ["drips", "says_more_after_the_end", "does_not_read"]

  private let folder: TemporaryFolder
  private let program: String

  init() async throws {
    folder = try TemporaryFolder()
    program = "\(folder.path)/fake"
    try await compile(
      [Files.resource("fake-worker.c")], ["-O1", "-Wno-misleading-indentation"], into: program, in: folder)
  }

  private func host(_ behaviour: String) throws -> ScriptHost {
    let path = "\(folder.path)/\(behaviour)"
    try #require(link(program, path) == 0)
    return ScriptHost(try WorkerProgram.open(path: path))
  }

  private func run(
    _ behaviour: String, cpu: Duration = .seconds(2), limit: Duration, silence: Duration = .seconds(300),
    sourceSize: Int = 100,
    call: @escaping @Sendable (HostCall) async -> HostAnswer = { .result(.array($0.arguments)) }
  ) async throws -> Result<JSON, ScriptFailure> {
    let host = try host(behaviour)
    let limits = ScriptLimits(cpu: cpu, time: limit, silence: silence, output: 1_000_000, source: 16 << 20)
    let invocation = ScriptInvocation(
      name: "a.lua", source: [UInt8](repeating: 32, count: sourceSize), seed: (1, 2), limits: limits, hasOutput: true,
      wantsResult: true,
      functions: [
        Sandbox.bare("host.echo"),
        HostFunction("host.pure", recording: .pure { _, _ in .result(.null) }, doc: "For tests."),
      ])
    do throws(ScriptFailure) {
      return .success(try await host.run(invocation, call: call))
    } catch {
      return .failure(error)
    }
  }

  @Test(.timeLimit(.minutes(2))) func eachIsEndedWithASentence() async throws {
    var counts: [String: Int] = [:]
    for expectation in Self.expectations {
      let waits = expectation.kind == .budgetExceeded(.time)
      let limit: Duration = waits ? .milliseconds(400) : .seconds(20)
      // What floods its host is heard while it is being ended, which takes a busy machine or a sanitizer its time.
      let delay: Duration = expectation.name.hasSuffix("flood") ? .seconds(1) : .milliseconds(100)
      var late: Duration?
      // Only what is late three times is to blame, not the machine.
      for attempt in 0..<3 {
        let start = ContinuousClock.now
        let result = try await run(expectation.name, limit: limit)
        let duration = ContinuousClock.now - start
        unlink("\(folder.path)/\(expectation.name)")
        guard case .failure(let failure) = result else {
          Issue.record("\(expectation.name): \(result)")
          break
        }
        #expect(failure.kind == expectation.kind, "\(expectation.name): \(failure.kind) \(failure.message.prefix(300))")
        #expect(
          failure.message.contains(expectation.sentence), "\(expectation.name): \(failure.message.prefix(300))")
        #expect(failure.message.utf8.count < 20_000, "\(expectation.name)")
        #expect(failure.raised == Self.raised[expectation.name], "\(expectation.name)")
        if attempt == 0 { counts["\(failure.kind)", default: 0] += 1 }
        late = duration > (waits ? limit + delay : .seconds(10)) ? duration : nil
        if late == nil { break }
      }
      #expect(late == nil, "\(expectation.name) took \(String(describing: late))")
    }
    print("fake workers: " + counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
    for expectation in Self.expectations where expectation.name != "leaves_child" {
      #expect(children(named: expectation.name).isEmpty, "\(expectation.name) is still there")
    }
  }

  /// A worker that has said nothing of its end was last seen where it made its last call.
  @Test(arguments: [
    (
      "call_and_exit",
      "lib/b.lua:3: the worker of a.lua ended without a word (exit status 3); its last call was 2, host.echo"
    ),
    (
      "call_and_crash",
      "a.lua:7: a.lua made the Lua VM crash (signal segmentation fault); its last call was 1, host.echo"
    ),
    (
      "call_and_break",
      "a.lua:7: the worker of a.lua sent a frame of an unknown kind, and was ended; its last call was 1, host.echo"
    ),
    ("call_and_cpu_code", "a.lua:7: over the CPU budget of 2s; its last call was 1, host.echo"),
    ("call_and_hang", "a.lua:7: over the time budget of 1s; its last call was 1, host.echo"),
    (
      "call_and_hang_up",
      "a.lua:7: the worker of a.lua hung up without a word, and was ended; its last call was 1, host.echo"
    ),
    (
      "call_without_place",
      "the worker of a.lua ended without a word (exit status 3); its last call was 1, host.echo"
    ),
    ("call_at_no_text", "the worker of a.lua ended without a word (exit status 3); its last call was 1, host.echo"),
    (
      "call_unknown_at_a_place",
      "a.lua:7: the worker of a.lua sent a call of a function that it was not given, and was ended; its last call was 1, host.echo"
    ),
    ("ends_silently", "the worker of a.lua ended without a word (exit status 0); a.lua had called nothing yet"),
    ("not_json", "the worker of a.lua sent a frame that is no JSON, and was ended; a.lua had called nothing yet"),
    ("never_ready", "over the time budget of 1s; a.lua had called nothing yet"),
  ])
  func theLastCallIsTold(behaviour: String, description: String) async throws {
    let result = try await run(behaviour, limit: .seconds(1))
    #expect(throws: ScriptFailure.self) { try result.get() }
    if case .failure(let failure) = result { #expect(failure.description == description) }
  }

  /// Whether its exit is seen before its call or after.
  @Test(.timeLimit(.minutes(1))) func aWorkerThatDoesNotWaitForItsAnswerIsNotWaitedForEither() async throws {
    for _ in 0..<20 {
      let start = ContinuousClock.now
      let result = try await run("call_and_go", limit: .seconds(30)) { _ in
        try? await Task.sleep(for: .seconds(20))
        return .result(.null)
      }
      guard case .failure(let failure) = result else {
        Issue.record("it has not failed")
        return
      }
      #expect(
        failure.description
          == "a.lua:7: the worker of a.lua ended without a word (exit status 3); its last call was 1, host.echo")
      #expect(ContinuousClock.now - start < .seconds(10))
      #expect(unlink("\(folder.path)/call_and_go") == 0)
    }
  }

  @Test func thePlaceOfACallIsOneShortLine() async throws {
    guard case .failure(let failure) = try await run("call_at_a_long_place", limit: .seconds(20)) else {
      Issue.record("it has not failed")
      return
    }
    #expect(failure.kind == .workerDied)
    #expect(failure.place == "[31ma" + String(repeating: "x", count: 123))
  }

  /// Whatever a worker does that neither asks for an answer nor ends: without a limit for the whole it would keep its place for ever.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "never_ready", "hangs", "half_frame_hang", "ignores_signals", "later_and_never_asked", "empty_output_flood",
      "call_and_hang", "call_and_half_a_frame",
    ])
  func aTurnHasAnEnd(behaviour: String) async throws {
    let start = ContinuousClock.now
    let result = try await run(behaviour, cpu: .milliseconds(100), limit: .seconds(3600), silence: .milliseconds(300))
    guard case .failure(let failure) = result else {
      Issue.record("\(result)")
      return
    }
    let duration = ContinuousClock.now - start
    #expect(failure.kind == .budgetExceeded(.time))
    let place = behaviour.hasPrefix("call_and") ? "a.lua:7: " : ""
    #expect(
      failure.description.hasPrefix(
        "\(place)the worker of a.lua neither asked for an answer nor ended for 400ms, and was ended; "),
      "\(failure)")
    #expect(duration >= .milliseconds(400), "\(duration)")
    #expect(duration < .seconds(20), "\(duration)")
    #expect(children(named: behaviour).isEmpty)
  }

  @Test func oddButInOrder() async throws {
    for behaviour in Self.accepted {
      // More than a socket holds, for the one that does not read.
      let size = behaviour == "does_not_read" ? 1 << 20 : 10
      let start = ContinuousClock.now
      #expect(try await run(behaviour, limit: .seconds(30), sourceSize: size) == .success("well"), "\(behaviour)")
      #expect(ContinuousClock.now - start < .seconds(10), "\(behaviour): its end is noticed while the host writes")
    }
  }

  @Test func aMissingHelperIsASentence() throws {
    let failure = #expect(throws: ScriptFailure.self) { try WorkerProgram.open(path: "\(folder.path)/none") }
    #expect(failure?.kind == .helper)
    #expect(failure?.message.contains("cannot open \(folder.path)/none: No such file or directory") == true)
  }

  @Test func whatIsNoProgramIsASentence() async throws {
    let path = "\(folder.path)/empty"
    close(open(path, O_CREAT | O_WRONLY, 0o755))
    let host = ScriptHost(try WorkerProgram.open(path: path))
    let failure = await #expect(throws: ScriptFailure.self) { try await host.run(Sandbox.invocation("return 1")) }
    #expect(failure?.kind == .helper)
    #expect(failure?.message.contains("cannot execute the program") == true, "\(String(describing: failure))")
  }

  @Test(arguments: [
    ("exits_at_once", "ended before it was ready"), ("other_protocol", "it speaks protocol 1, this program 5"),
    ("refuses", "cannot install the system-call filter"), ("http", "is not the script-worker of this version"),
    ("forbidden_call", "made the Lua VM call the system"),
  ])
  func aWrongOneIsToldWhenItIsTriedOut(behaviour: String, sentence: String) async throws {
    let failure = await #expect(throws: ScriptFailure.self) { try await host(behaviour).tryOut() }
    #expect(failure?.message.contains(sentence) == true, "\(String(describing: failure))")
  }

  @Test func theRightOneIsOpened() async throws {
    #expect(try await ScriptHost.open().run(Sandbox.invocation("return 7")) == 7)
  }

  @Test func anUpgradeUnderARunningHostChangesNothing() async throws {
    let path = "\(folder.path)/script-worker"
    let (status, text) = try await runProgram("cp", [HelperLocation.find("script-worker"), path], in: folder)
    try #require(status == .exited(0), "\(text)")
    let host = ScriptHost(try WorkerProgram.open(path: path))
    #expect(unlink(path) == 0)
    #expect(link(program, path) == 0)
    #expect(try await host.run(Sandbox.invocation("return 7")) == 7)
  }
}
