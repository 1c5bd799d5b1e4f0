import JSON
import StackModel
import Testing

@testable import ScriptHost

/// What workers say of scripts that they have read: it may be anything.
struct ScriptFindingTests {
  private func finding(_ json: String) throws -> ScriptFinding? { ScriptFinding(try JSON(parsing: json)) }

  @Test func findingsAreRead() throws {
    let found = try finding(#"{"at":"=2","line":3,"what":"function","name":"vars","field":"gte","near":"get"}"#)
    #expect(found?.script == .number(1) && found?.line == 3)
    #expect(found?.what == .noFunction(module: "vars", "gte", nearest: "get"))
    #expect(try finding(#"{"at":"lib.a","line":1,"what":"later","name":"mesos"}"#)?.what == .laterModule("mesos", nil))
    #expect(try finding(#"{"at":"lib.a","line":1,"what":"module","message":"x"}"#)?.script == .module("lib.a"))
    #expect(try finding(#"{"at":"=1","line":1,"what":"global","name":"unpack","message":"no"}"#) == nil)
  }

  @Test(arguments: [
    "null", "[]", "{}", #"{"at":"=1"}"#, #"{"at":"=0","line":1,"what":"later"}"#,
    #"{"at":"=-1","line":1,"what":"later"}"#,
    #"{"at":"=x","line":1,"what":"later"}"#, #"{"at":1,"line":1,"what":"later"}"#,
    #"{"at":"=1","line":1,"what":"other"}"#,
    #"{"at":"=1","line":"1","what":"later"}"#,
  ]) func whatIsNoneIsLeftOut(json: String) throws { #expect(try finding(json) == nil) }

  @Test func noLineIsTooFar() throws {
    var script = StackDecoding("name: s\napplications: { a: { before_scheduler: [{ lua: x }] } }\n")
    script.diagnostics = []
    let scripts = StackScripts(of: script, entry: nil, files: [], file: "s.yaml")
    for line in ["\(Int.max)", "\(Int.min)", "0"] {
      for at in ["=1", "=2", "=\(Int.max)", "lib.a"] {
        let found = try #require(try finding(#"{"at":"\#(at)","line":\#(line),"what":"syntax","message":"m"}"#))
        let told = scripts.diagnostic(found)
        #expect((told != nil) == (at == "=1"))
        #expect((told?.line ?? 1) > 0)
      }
    }
  }
}
