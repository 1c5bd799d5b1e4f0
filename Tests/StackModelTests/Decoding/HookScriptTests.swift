import StackModel
import Testing

/// Hooks whose entries are Lua scripts.
@Suite struct HookScriptTests {
  private func decode(_ hook: String) -> StackDecoding {
    StackDecoding("name: s\napplications:\n  web:\n    after_task:\n\(hook)", file: "s.yaml")
  }

  private func hook(_ text: String) throws -> [HookCommand] {
    let decoding = decode(text)
    #expect(decoding.diagnostics.isEmpty, "\(decoding.diagnostics)")
    return try #require(decoding.stack?.applications["web"]).hooks.afterTask
  }

  @Test func linesAndScriptsStandSideBySide() throws {
    let hook = try hook(
      """
            - echo one
            - lua: |
                log.info("two")
                log.info("three")
            - lua_file: hooks/register.lua
            - echo four
            - echo five
      """)
    #expect(
      hook == [
        "echo one", .lua(HookScript(.text("log.info(\"two\")\nlog.info(\"three\")\n"), line: 7)),
        .lua(HookScript(.file("hooks/register.lua"))), "echo four", "echo five",
      ])
    #expect(hook.parts.count == 4)
    #expect(hook.parts.last == .shell(["echo four", "echo five"]))
  }

  @Test func aScriptOnOneLineBeginsThere() throws {
    #expect(try hook("      - lua: vars.set('a', 'b')\n") == [.lua(HookScript(.text("vars.set('a', 'b')"), line: 5))])
    #expect(try hook("      - {lua: \"x()\"}\n") == [.lua(HookScript(.text("x()"), line: 5))])
  }

  @Test(arguments: [
    ("      - lua: ''", "5:14", "the script is empty"),
    ("      - lua:", "5:", "the script is empty"),
    ("      - lua_file: /etc/x.lua", "5:19", "begins with /"),
    ("      - lua_file: ../x.lua", "5:19", "has a part . or .."),
    ("      - lua_file: a//x.lua", "5:19", "empty part"),
    ("      - {lua: a, lua_file: b}", "5:9", "both lua and lua_file"),
    ("      - {lua: [a]}", "5:15", "expected a text"),
  ])
  func whatIsNoScriptIsToldAtItsPlace(_ hook: String, _ place: String, _ text: String) throws {
    let decoding = decode(hook + "\n")
    let error = try #require(decoding.diagnostics.first { $0.severity == .error }, "\(decoding.diagnostics)")
    #expect("\(error)".contains("s.yaml:\(place)"), "\(error)")
    #expect("\(error)".contains(text), "\(error)")
  }

  @Test func unknownFieldsAreWarnedOf() {
    let decoding = decode("      - {lua: a, timout: 3}\n")
    #expect(decoding.diagnostics.map(\.severity) == [.warning], "\(decoding.diagnostics)")
  }

  @Test func anyOtherMapIsNoText() {
    let decoding = decode("      - {run: a}\n")
    #expect(
      decoding.originalError
        == "yaml: unmarshal errors:\n  line 5: cannot unmarshal !!map into string")
  }

  @Test func aScriptIsWrittenAsItWasRead() throws {
    let text = "      - echo ${a}\n      - lua: |\n          log.info('${a}')\n      - lua_file: a/b.lua\n"
    let stack = try #require(decode(text).stack)
    let again = StackDecoding(StackYAML.text(stack))
    let hook = try #require(again.stack?.applications["web"]).hooks.afterTask
    #expect(hook.first == "echo ${a}")
    #expect(hook.last == .lua(HookScript(.file("a/b.lua"))))
    guard case .lua(let script) = hook[1] else {
      Issue.record("no script: \(hook)")
      return
    }
    #expect(script.source == .text("log.info('${a}')\n"))
  }

  @Test func variablesAreReplacedInLinesOnly() throws {
    var application = Application()
    application.hooks.afterTasks = ["echo ${a}", .lua(HookScript(.text("print('${a}')")))]
    let replaced = try application.substituting(Variables(stack: ["a": "b"]), for: [.afterTasks])
    #expect(replaced.hooks.afterTasks == ["echo b", .lua(HookScript(.text("print('${a}')")))])
  }

  @Test func scriptsKnowWhoseTheyAre() {
    var application = Application()
    application.hooks.afterTask = ["x", .lua(HookScript(.text("y"))), .lua(HookScript(.file("a.lua")))]
    var stack = Stack(name: "base", applications: ["web": application])
    stack.attributeScripts(to: "base", file: "base.yaml")
    #expect(
      stack.applications["web"]?.hooks.afterTask == [
        "x", .lua(HookScript(.text("y"), stack: "base", file: "base.yaml")),
        .lua(HookScript(.file("a.lua"), stack: "base", file: "a.lua")),
      ])
    #expect(stack.scripts.map(\.file) == [nil, "a.lua"])
    #expect(stack.scripts.map(\.index) == [1, 2])
  }
}
