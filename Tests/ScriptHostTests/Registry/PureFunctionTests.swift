import Concurrency
import JSON
import Testing

@testable import ScriptHost

struct PureFunctionTests {
  private let context = ScriptContext(now: Timestamp(millisecondsSinceEpoch: 1_795_578_774_123), seed: (1, 2), call: 3)

  private func answer(_ name: String, _ arguments: JSON...) throws -> HostAnswer {
    let function = try #require(HostFunctions.named(name))
    switch function.check(arguments) {
    case .success(let arguments): return PureFunctions.perform(function, arguments, context)
    case .failure(let failure): return .failure(failure)
    }
  }

  @Test(
    arguments: [
      ("time.now", [], "2026-11-25T03:52:54.123Z"), ("time.parse", ["1970-01-01T00:01:00.5+00:00"], 60.5),
      ("time.parse", ["2026-11-25T05:52:54.123+02:00"], 1_795_578_774.123),
      ("time.format", [1_795_578_774.123], "2026-11-25T03:52:54.123Z"),
      ("time.format", [0], "1970-01-01T00:00:00.000Z"),
      ("time.seconds", ["1m30.5s"], 90.5),
      ("hash.sha256", ["abc"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      ("hash.sha1", ["abc"], "a9993e364706816aba3e25717850c26c9cd0d89d"),
      // RFC 4231, test case 2.
      (
        "hash.hmac_sha256", ["Jefe", "what do ya want for nothing?"],
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      ),
      ("hash.hmac_sha256", ["", ""], "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
      (
        "yaml.parse", ["a: [1, yes, ~, 1.5]\nb: &x {c: d}\ne:\n  <<: *x\n  f: *x\n"],
        [
          "a": [1, true, .null, 1.5], "b": ["c": "d"], "e": ["c": "d", "f": ["c": "d"]],
        ]
      ),
      ("yaml.parse", [""], .null), ("yaml.format", [["a": [1, "yes", [:]]]], "a:\n- 1\n- \"yes\"\n- {}\n"),
      ("base64.encode", ["héllo"], "aMOpbGxv"), ("base64.decode", ["aMOpbGxv"], "héllo"), ("base64.decode", [""], ""),
    ] as [(String, [JSON], JSON)])
  func answers(name: String, arguments: [JSON], result: JSON) throws {
    let function = try #require(HostFunctions.named(name))
    let checked = try function.check(arguments).get()
    #expect(PureFunctions.perform(function, checked, context) == .result(result))
  }

  @Test(
    arguments: [
      ("time.parse", "yesterday", "argument 1 (text) must be an instant such as \"2026-11-25T03:52:54Z\""),
      ("time.format", 1e18, "argument 1 (seconds) must lie in the years 0 to 9999"),
      ("yaml.parse", "a: [", "argument 1 (text) is no YAML: line 2, column 1: did not find expected node content"),
      ("base64.decode", "a", "argument 1 (base64) is not base64 with padding, without white space"),
      ("base64.decode", "/w==", "argument 1 (base64) stands for bytes that are no text in UTF-8"),
      ("hash.sha256", 1, "argument 1 (text) must be a string, is a number"),
    ] as [(String, JSON, String)])
  func refusals(name: String, argument: JSON, message: String) throws {
    #expect(
      try answer(name, argument)
        == .failure(HostCallFailure(.invalidArgument, message, details: details(name, message))))
  }

  /// A refusal by the check has details, one by the function itself none.
  private func details(_ name: String, _ message: String) -> JSON {
    name == "hash.sha256" ? ["problems": [.string(message)]] : .null
  }

  @Test func failIsTheScriptsOwnFailure() throws {
    #expect(
      try answer("fail", "no disk", ["free": 0])
        == .failure(HostCallFailure(.failed, "no disk", details: ["free": 0])))
  }

  @Test func uuidsFollowFromSeedAndCall() throws {
    let uuid = try #require(HostFunctions.named("uuid"))
    func text(_ seed: (UInt64, UInt64), _ call: Int) -> String? {
      let context = ScriptContext(now: context.now, seed: seed, call: call)
      guard case .result(let value) = PureFunctions.perform(uuid, [:], context) else { return nil }
      return value.stringValue
    }
    #expect(text((1, 2), 3) == text((1, 2), 3))
    #expect(Set([text((1, 2), 3), text((1, 2), 4), text((1, 3), 3), text((2, 2), 3)]).count == 4)
    let form = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
    #expect(text((1, 2), 3)?.wholeMatch(of: form) != nil)
  }

  @Test func whatIsNotPureIsNotComputed() throws {
    let function = try #require(HostFunctions.named("vars.set"))
    #expect(!function.isPure)
    guard case .failure(let failure) = PureFunctions.perform(function, [:], context) else {
      Issue.record("computed")
      return
    }
    #expect(failure.code == .internal)
  }
}
