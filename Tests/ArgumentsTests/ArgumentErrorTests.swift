import Arguments
import Testing

struct ArgumentErrorTests {
  @Test func theNearestNameIsOffered() {
    #expect(Fixture.error("sttaus")?.message == "unknown command 'sttaus', did you mean 'status'?")
    #expect(Fixture.error("Run")?.message == "unknown command 'Run', did you mean 'run'?")
    #expect(Fixture.error("stat")?.message == "unknown command 'stat', did you mean 'status'?")
    #expect(Fixture.error("elephant")?.message == "unknown command 'elephant'")
    #expect(Fixture.error("elephant")?.kind == .unknownCommand)
    #expect(
      Fixture.error("run", "s", "--max-wait", "3")?.message
        == "flag provided but not defined: -max-wait, did you mean '--max.wait'?")
    // A number is not meant as the nearest letter.
    #expect(Fixture.error("status", "-1")?.message == "flag provided but not defined: -1")
    #expect(Fixture.error("run", "s", "--bogus=1")?.message == "flag provided but not defined: -bogus")
  }

  @Test(arguments: [
    (["--max.wait"], "flag needs an argument: -max.wait"),
    (["--max.wait", "abc"], #"invalid value "abc" for flag -max.wait: must be a whole number"#),
    (["--var", "novalue"], #"invalid value "novalue" for flag -var: Variables are expected in k=v format."#),
    (["--force=maybe"], #"invalid boolean value "maybe" for -force: must be true or false"#),
    (["---zone"], "bad flag syntax: ---zone"),
    (["--=x"], "bad flag syntax: --=x"),
  ])
  func wrongFlags(words: [String], message: String) {
    do throws(ArgumentError) {
      _ = try Fixture.commands.parse(["run", "s"] + words)
      Issue.record("\(words) must be refused")
    } catch {
      #expect(error.message == message)
      #expect(error.kind == .flag)
      #expect(error.usage.contains("Usage: stack-deploy run STACK"))
    }
  }

  @Test func wrongValuesNameTheRightOnes() {
    #expect(
      Fixture.error("status", "r", "-o", "xml")?.message
        == #"invalid value "xml" for flag -o: must be one of table, json, yaml"#)
    for text in ["", "5", "m", "1x", "1h-3m", "--"] {
      #expect(
        Fixture.error("status", "r", "--lock-wait=\(text)")?.message.hasSuffix(
          "must be a duration such as 500ms, 10s or 1h30m") == true)
    }
  }

  @Test func argumentsThatAreMissingOrTooMany() {
    #expect(Fixture.error()?.kind == .noCommand)
    #expect(Fixture.error("run")?.message == "Stack name required to run")
    #expect(Fixture.error("run")?.kind == .missingName)
    #expect(Fixture.error("status")?.message == "RUN is missing")
    #expect(Fixture.error("status", "r", "a", "b")?.message == "unexpected argument 'b'")
    #expect(Fixture.error("stop", "now")?.kind == .surplusArgument)
    #expect(Fixture.error("--zone", "z", "run")?.kind == .misplacedFlag)
  }
}
