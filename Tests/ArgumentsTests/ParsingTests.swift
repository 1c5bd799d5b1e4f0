import Arguments
import Testing

struct ParsingTests {
  @Test func flagsAreAsInGo() throws {
    for words in [["-zone", "z"], ["--zone", "z"], ["-zone=z"], ["--zone=z"]] {
      guard case .command(_, let arguments) = try Fixture.commands.parse(["run", "s"] + words) else { continue }
      #expect(arguments[Fixture.name] == "s")
      #expect(arguments[Fixture.zone] == "z")
    }
    #expect(try Fixture.parse("run", "s", "--zone=a=b")[Fixture.zone] == "a=b")
    #expect(try Fixture.parse("run", "s", "--zone=")[Fixture.zone] == "")
    #expect(try Fixture.parse("run", "s", "--zone", "--force")[Fixture.zone] == "--force")
    #expect(try Fixture.parse("run", "s", "--max.wait", "-1")[Fixture.maxWait] == -1)
    #expect(try Fixture.parse("run", "s", "--max.wait", "0x10")[Fixture.maxWait] == 16)
  }

  @Test func booleansTakeAValueOnlyBehindTheEqualsSign() throws {
    #expect(try Fixture.parse("run", "s", "--force")[Fixture.force])
    #expect(try Fixture.parse("run", "s", "--force=T")[Fixture.force])
    #expect(try !Fixture.parse("run", "s", "--force=false")[Fixture.force])
    // "false" is no flag: parsing stops there.
    let arguments = try Fixture.parse("run", "s", "--force", "false", "--zone", "z")
    #expect(arguments[Fixture.force])
    #expect(arguments[Fixture.zone] == nil)
  }

  @Test func defaultsAndWhetherAFlagWasGiven() throws {
    let arguments = try Fixture.parse("run", "s", "--max.wait", "600")
    #expect(arguments[Fixture.maxWait] == 600)
    #expect(arguments.isGiven(Fixture.maxWait))
    #expect(!arguments.isGiven(Fixture.zone))
    #expect(arguments[Fixture.variables] == [])
    #expect(try Fixture.parse("add")[Fixture.file] == "Stackfile")
  }

  @Test func repeatedFlagsKeepTheirOrder() throws {
    let arguments = try Fixture.parse("run", "s", "--var", "b=1", "--var=a=2", "-var", "b=3")
    #expect(arguments[Fixture.variables] == ["b=1", "a=2", "b=3"])
    #expect(try Fixture.parse("run", "s", "--zone", "a", "--zone", "b")[Fixture.zone] == "b")
  }

  @Test func theFirstWordIsTheNameWhateverItIs() throws {
    let arguments = try Fixture.parse("run", "--zone", "z", "x")
    #expect(arguments[Fixture.name] == "--zone")
    #expect(arguments[Fixture.zone] == nil)
    #expect(try Fixture.parse("run", "")[Fixture.name] == "")
  }

  @Test func whatFollowsTheFlagsOfTheOriginalIsIgnored() throws {
    #expect(try Fixture.parse("add", "extra", "--file", "x")[Fixture.file] == "Stackfile")
    #expect(try Fixture.parse("add", "--", "--file", "x")[Fixture.file] == "Stackfile")
    #expect(try Fixture.parse("add", "-", "--bogus")[Fixture.file] == "Stackfile")
  }

  @Test func newCommandsTakeFlagsAnywhere() throws {
    let arguments = try Fixture.parse("status", "-o", "json", "r1", "--follow", "app", "--lock-wait", "1h30m0.5s")
    #expect(arguments[Fixture.run] == "r1")
    #expect(arguments[Fixture.application] == "app")
    #expect(arguments[Fixture.format] == .json)
    #expect(arguments[Fixture.follow])
    #expect(arguments[Fixture.wait] == .milliseconds(5_400_500))
    #expect(try Fixture.parse("status", "--", "-r1")[Fixture.run] == "-r1")
    #expect(try Fixture.parse("status", "r1")[Fixture.application] == nil)
  }

  @Test func aRepeatedArgumentTakesAllThatAreLeft() throws {
    let arguments = try Fixture.parse("look", "a", "--follow", "b", "--", "-c")
    #expect(arguments[Fixture.paths] == ["a", "b", "-c"])
    #expect(arguments[Fixture.follow])
    #expect(try Fixture.parse("look")[Fixture.paths] == [])
    #expect(try Fixture.help("look", "-h").contains("Usage: stack-deploy look [PATH]… [FLAGS]"))
  }

  @Test func callsForHelpAndVersion() throws {
    for word in ["-h", "--help", "-help", "help"] {
      #expect(try Fixture.help(word).contains("Usage: stack-deploy COMMAND"))
    }
    for word in ["-h", "--help"] {
      #expect(try Fixture.help("run", word).contains("Usage: stack-deploy run STACK [FLAGS]"))
      #expect(try Fixture.help("run", "s", word).contains("Usage: stack-deploy run STACK [FLAGS]"))
      #expect(try Fixture.help("add", word).contains("It isn't run."))
      #expect(try Fixture.help("status", "r", word).contains("RUN [APPLICATION]"))
    }
    #expect(try Fixture.help("help", "status").contains("RUN [APPLICATION]"))
    for word in ["--version", "-version", "-v"] {
      guard case .version = try Fixture.commands.parse([word]) else {
        Issue.record("\(word) asks for the version")
        continue
      }
    }
  }
}
