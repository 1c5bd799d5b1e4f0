import JSON
import Testing

@testable import ScriptHost

struct ShellCallTests {
  private func call(_ arguments: JSON...) throws -> ShellCall {
    let function = try #require(HostFunctions.named("shell.run"))
    return try ShellCall(function.check(arguments).get())
  }

  @Test func defaultsAndOptions() throws {
    let plain = try call("true")
    #expect((plain.command, plain.timeout, plain.environment.isEmpty) == ("true", .seconds(600), true))
    let full = try call("true", ["timeout": "24h", "env": ["A_1": "x\ny", "b": ""]])
    #expect((full.timeout, full.environment) == (.seconds(86_400), ["A_1": "x\ny", "b": ""]))
  }

  @Test(
    arguments: [
      ["timeout": "0s"], ["timeout": "25h"], ["env": ["": "x"]], ["env": ["1A": "x"]], ["env": ["A=B": "x"]],
      ["env": ["A-B": "x"]], ["env": ["A": "x\u{0}"]], ["env": ["A": 1]],
    ] as [JSON])
  func refused(_ options: JSON) { #expect(throws: HostCallFailure.self) { try call("true", options) } }

  @Test func commandsHaveALimit() throws {
    let longest = String(repeating: "a", count: ShellCall.longest)
    #expect(try call(.string(longest)).command == longest)
    #expect(throws: HostCallFailure.self) { try call(.string(longest + "a")) }
    #expect(throws: HostCallFailure.self) { try call("a\u{0}b") }
  }

  @Test func itIsGrantedAsShellAndShowsNoValues() throws {
    let function = try #require(HostFunctions.named("shell.run"))
    let arguments = try function.check(["deploy.sh", ["env": ["TOKEN": "s3cret"]]]).get()
    #expect(function.shown(arguments) == "TOKEN=… deploy.sh")
    #expect(function.operation(arguments) == .shell)
  }
}
