import JSON
import Testing

@testable import ScriptHost

struct HostFunctionsTests {
  @Test func namesAreOnceAndHaveAtMostOneDot() {
    #expect(Set(HostFunctions.all.map(\.name)).count == HostFunctions.all.count)
    let form = /[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?/
    for function in HostFunctions.all { #expect(function.name.wholeMatch(of: form) != nil, "\(function.name)") }
  }

  @Test func eachIsDescribed() {
    for function in HostFunctions.all {
      #expect(function.doc.hasSuffix("."), "\(function.name)")
      for parameter in function.parameters {
        #expect(parameter.doc.hasSuffix("."), "\(function.name) \(parameter.name)")
      }
      #expect(!function.phases.isEmpty, "\(function.name)")
      #expect(Set(function.parameters.map(\.name)).count == function.parameters.count, "\(function.name)")
      #expect(!function.errors.contains(.invalidArgument), "every function has it: \(function.name)")
    }
  }

  @Test func nothingThatActsIsDeclaredWith() {
    for function in HostFunctions.all(in: .declare) { #expect(function.isPure, "\(function.name)") }
    #expect(HostFunctions.all(in: .declare).contains { $0.name == "hash.sha256" })
    #expect(!HostFunctions.all(in: .declare).contains { $0.name == "vars.set" })
  }

  @Test func defaultsAreInNormalForm() throws {
    for function in HostFunctions.all {
      for parameter in function.parameters {
        guard case .standard(let value) = parameter.presence else { continue }
        var check = ArgumentCheck()
        let required = HostField(parameter.name, parameter.type, doc: "")
        #expect(check.field(required, value, at: "") == value, "\(function.name) \(parameter.name)")
      }
    }
  }
}
