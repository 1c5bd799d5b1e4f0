import Concurrency
import JSON
import StackModel

extension HostFunctions {
  /// Functions that call a function of the script's. The host's part checks the arguments; what takes time is `time.sleep`.
  static let waiting: [HostFunction] = [retry, waitFor]

  private static let mostAttempts = 1000

  private static let retry = HostFunction(
    "retry",
    [
      HostField(
        "options",
        .record(
          HostRecord(
            name: "RetryOptions",
            [
              HostField("attempts", .integer, .standard(3), doc: "How often the function is called, 1 to 1000."),
              HostField(
                "backoff", .duration, .standard("1s"),
                doc: "The pause after the first failure; it doubles after each, up to a minute."),
            ])), doc: "How often, and with what pauses.")
    ],
    returns: .record(HostRecord([HostField("attempts", .integer, doc: ""), HostField("pause", .number, doc: "")])),
    phases: [.hook, .run],
    recording: .pure { arguments, _ in
      let options = arguments["options"]?.objectValue ?? [:]
      let attempts = options.integer("attempts") ?? 1
      guard (1...mostAttempts).contains(attempts) else {
        return .failure(
          HostCallFailure(
            .invalidArgument, "argument 1 (options).attempts must lie between 1 and \(mostAttempts), is \(attempts)"))
      }
      let pause = (options.duration("backoff") ?? .zero).inSeconds
      return .result(["attempts": .integer(Int64(attempts)), "pause": .number(min(pause, 86_400))])
    },
    wrapper: HostWrapper(
      .callback(
        name: "fn", type: "fun(attempt: integer): T",
        doc: "What is tried. It gets the number of the attempt, from 1."),
      uses: ["time.sleep"],
      source: """
        function(options, fn)
          callback("retry", 2, fn)
          local plan = call(options)
          local pause = plan.pause
          for attempt = 1, plan.attempts do
            local results = pack(pcall(fn, attempt))
            if results[1] then return unpack(results, 2, results.n) end
            local e = results[2]
            if attempt == plan.attempts or (kind(e) == "table" and e.retryable == false) then error(e, 0) end
            functions["time.sleep"](seconds(pause), "attempt " .. attempt + 1 .. " of " .. plan.attempts)
            pause = max(pause, min(pause * 2, 60))
          end
        end
        """),
    doc: """
      Calls a function until it raises nothing, and returns what it returns. After the last attempt its error is raised again; \
      an error of the host that is not `retryable` at once.
      """)

  private static let waitFor = HostFunction(
    "wait_for",
    [
      HostField("what", .string, doc: "What is waited for, for people: `the brokers`."),
      HostField(
        "options",
        .record(
          HostRecord(
            name: "WaitOptions",
            [
              HostField("timeout", .duration, doc: "How long, such as `10m`."),
              HostField("every", .duration, .standard("1s"), doc: "The pause between two looks, 10ms at least."),
            ])), doc: "How long, and how often."),
    ],
    returns: .record(
      HostRecord([
        HostField("timeout", .number, doc: ""), HostField("every", .number, doc: ""),
        HostField("text", .string, doc: ""),
      ])), phases: [.hook, .run], errors: [.timeout],
    recording: .pure { arguments, _ in
      let options = arguments["options"]?.objectValue ?? [:]
      return .result([
        "timeout": .number((options.duration("timeout") ?? .zero).inSeconds),
        "every": .number(max(0.01, (options.duration("every") ?? .zero).inSeconds)),
        "text": .string(options.string("timeout") ?? ""),
      ])
    },
    wrapper: HostWrapper(
      .callback(
        name: "fn", type: "fun(): T",
        doc: "Looks, and returns what is waited for, or `nil` or `false` while it is not there."),
      uses: ["time.sleep", "time.now", "time.parse"],
      source: """
        function(what, options, fn)
          callback("wait_for", 3, fn)
          local plan = call(what, options)
          local function now() return functions["time.parse"](functions["time.now"]()) end
          local begin = now()
          while true do
            local cause = nil
            local isFine, found = pcall(fn)
            if isFine and found then return found end
            if not isFine then
              if kind(found) ~= "table" or found.retryable ~= true then error(found, 0) end
              cause = tostring(found)
            end
            local passed = now() - begin
            local left = plan.timeout - passed
            if left <= 0 then
              raise { code = "timeout", op = "wait_for", message = "waited " .. plan.text .. " for " .. what, retryable = true, cause = cause }
            end
            local pause, isLong = plan.every, passed >= 30 or nil
            if isLong then pause = max(pause, 10, min(passed // 10, 600)) end
            functions["time.sleep"](seconds(min(pause, left)), "waits for " .. what, isLong)
          end
        end
        """),
    doc: """
      Calls a function again and again until it returns something else than `nil` and `false`, and returns that. Errors of the host that are \
      `retryable` count as not yet, others are raised. After 30 s the script keeps no worker between two looks, and is run again for each: \
      the pause is `every`, but then at least 10 s and a tenth of what it has waited, up to 10 min.
      """)
}
