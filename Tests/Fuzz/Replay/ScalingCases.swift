import Concurrency
import HTTPTypes
import JSON
import MarathonClient
import StackAPI
import Store

@testable import HTTPServer
@testable import LocalCluster
@testable import ScriptHost
@testable import StackModel
@testable import StackServer

extension ScalingTests.Case {
  static let all: [ScalingTests.Case] = sources + declarations + models + texts + cluster + workers

  private static func source(_ name: String, _ size: Int, _ text: @escaping @Sendable (Int) -> String) -> Self {
    Self(name: "YAML: \(name)", size: size) { size in
      let bytes = Array(text(size).utf8)
      return {
        let check = StackCheck.check(bytes, options: .init(knownTypes: ["kafka"]))
        if let stack = check.stack {
          _ = StackYAML.text(stack)
          _ = stack.problems(taskRunners: [])
          _ = try Stack(json: try JSON(parsing: stack.json.bytes))
        }
      }
    }
  }

  /// What the worker of a Lua file hands over.
  private static func declared(_ name: String, _ size: Int, _ fields: @escaping @Sendable (Int) -> String) -> Self {
    Self(name: "Lua: \(name)", size: size) { size in
      let applications = (0..<size).map {
        #"{"key":"a\#($0)","line":\#($0 + 1),"fields":["m","id","a\#($0)",\#(fields($0))]}"#
      }
      let json = try JSON(
        parsing: #"{"name":"k","applications":[\#(applications.joined(separator: ","))],"problems":[]}"#)
      return {
        let decoding = StackDecoding(declared: json, entry: "stack.lua", file: "stack.lua")
        let check = StackCheck.check(decoding, file: "stack.lua", options: .init(knownTypes: ["kafka"]))
        if let stack = check.stack { _ = try Stack(json: try JSON(parsing: stack.json.bytes)) }
      }
    }
  }

  /// Stacks that are Lua.
  private static let declarations: [Self] = [
    declared("many applications that refer to each other", 200) {
      #""env",["m","A","${a\#($0 / 2).x} ${a\#($0 / 3).y}"]"#
    },
    declared("a name of many dots", 500) { _ in #""env",["m","A","${\#(String(repeating: ".a", count: 200))}"]"# },
    declared("pairs, and what is none", 200) { #""env",["l",["l","A","\#($0)"],["l",5],"x"]"# },
    Self(name: "Lua: one application that refers to all", size: 500) { size in
      let others = (0..<size).map { #"{"key":"a\#($0)","fields":["m","id","a\#($0)"]}"# }.joined(separator: ",")
      let text = repeated(size) { "${a\($0).x}" }
      let json = try JSON(
        parsing:
          #"{"name":"k","applications":[\#(others),{"key":"z","fields":["m","args",["l","\#(text)"]]}],"problems":[]}"#)
      return { _ = StackCheck.check(StackDecoding(declared: json, entry: "s.lua", file: "s.lua"), file: "s.lua") }
    },
  ]

  private static func repeated(_ count: Int, _ part: (Int) -> String) -> String {
    (0..<count).reduce(into: "") { $0 += part($1) }
  }

  /// Whole sources, through decoding, checks, and back from both forms.
  private static let sources: [Self] = [
    source("many applications", 200) { size in
      "name: a\napplications:\n"
        + repeated(size) {
          "  a\($0): {type: kafka, id: a\($0), cpu: 1, mem: 1, env: {A: b}, dependencies: [a\($0 / 2)]}\n"
        }
    },
    source("one long list", 2_000) { "name: a\napplications: {a: {args: [" + repeated($0) { "a\($0)," } + "]}}\n" },
    source("one large map", 1_000) { "name: a\napplications: {a: {env: {" + repeated($0) { "a\($0): b," } + "}}}\n" },
    source("one long text", 100_000) {
      "name: a\nx: |\n" + repeated($0 / 50) { _ in "  ${a} text that is fifty bytes long, or nearly so\n" }
    },
    source("one long word", 200_000) { "name: '" + String(repeating: "a", count: $0) + "'\n" },
    source("a long number", 50_000) { "applications: {a: {mem: " + String(repeating: "1", count: $0) + "}}\n" },
    source("empty lines and comments", 20_000) { "name: a\n" + String(repeating: "\n# a\n", count: $0) },
    source("unknown fields", 500) { repeated($0) { "unknown\($0): 1\n" } },
    source("unknown fields below a long name", 500) { size in
      "applications:\n  ? " + String(repeating: "a", count: 100 * size) + "\n  :\n"
        + repeated(size) { "    b\($0): 1\n" }
    },
    source("wrong types", 1_000) { "applications: {a: {ports: [" + repeated($0) { "p\($0)," } + "]}}\n" },
    source("a key many times", 1_000) { repeated($0) { _ in "name: a\n" } },
    source("anchors and aliases", 500) { size in
      repeated(size) { "x\($0): &a\($0) b\n" } + "applications: {a: {args: [" + repeated(size) { "*a\($0) ," } + "]}}\n"
    },
    source("grants", 1_000) { "name: a\ngrants: [" + repeated($0) { "'http:*.a\($0):80', " } + "]\n" },
    source("merge keys", 200) { size in
      "x: &x {type: kafka, cpu: 1, mem: 1}\napplications:\n" + repeated(size) { "  a\($0): {<<: *x, id: a\($0)}\n" }
    },
    source("rare line breaks in a flow list", 1_000) {
      "x: \u{2028}\n - [" + repeated($0) { "'a\($0)' , \u{85}" } + "a?b]\n"
    },
    source("tags that run into brackets", 2_000) { "x: [" + repeated($0) { _ in "!a b," } + "!c]]]]]]]]]]]]]]]]]\n" },
    source("unknown dependencies", 300) { size in
      "name: a\napplications:\n" + repeated(size) { "  a\($0): {id: a\($0), dependencies: [b\($0)]}\n" }
    },
    source("many dependencies of one application", 500) { size in
      "name: a\napplications: {a: {id: a, dependencies: [" + repeated(size) { "b\($0)," } + "]}}\n"
    },
    source("a chain of dependencies", 300) { size in
      "name: a\napplications:\n" + repeated(size) { "  a\($0): {id: a\($0), dependencies: [a\($0 + 1)]}\n" }
    },
    source("cycles of dependencies", 300) { size in
      "name: a\napplications:\n"
        + repeated(size) { "  a\($0): {id: a\($0), dependencies: [a\(($0 + 1) % size), a0]}\n" }
    },
    source("equal ids", 300) { size in "name: a\napplications:\n" + repeated(size) { "  a\($0): {id: a}\n" } },
    source("tasks with keys of all types", 300) { size in
      "name: a\napplications: {a: {tasks: {t: {" + repeated(size) { "\($0): {? [\($0)] : b}," } + "}}}}\n"
    },
  ]

  private static func stack(_ size: Int, _ application: (Int) -> Application) -> Stack {
    Stack(name: "a", applications: OrderedMap((0..<size).map { ("a\($0)", application($0)) }))
  }

  private static func application(_ change: (inout Application) -> Void) -> Application {
    var application = Application()
    change(&application)
    return application
  }

  private static func map(_ size: Int, _ value: String) -> OrderedMap<String> {
    OrderedMap((0..<size).map { ("key\($0)", value) })
  }

  private static func merge(_ name: String, _ size: Int, _ stacks: @escaping @Sendable (Int) -> (Stack, Stack)) -> Self
  {
    Self(name: "merge: \(name)", size: size) { size in
      let (parent, child) = stacks(size)
      return { _ = parent.merging(child) }
    }
  }

  private static let models: [Self] = [
    merge("many applications", 500) { size in
      let stack = stack(size) { index in application { $0.id = "a\(index)" } }
      return (stack, stack)
    },
    merge("applications that are taken away", 1_000) { size in
      (stack(size) { _ in Application() }, stack(size) { _ in application { $0.isNull = true } })
    },
    merge("environments", 2_000) { size in
      (
        stack(1) { _ in application { $0.env = map(size, "a") } },
        stack(1) { _ in application { $0.env = map(size, "b") } }
      )
    },
    merge("variables that are taken away", 1_000) { size in
      (
        stack(1) { _ in application { $0.env = map(size, "a") } },
        stack(1) { _ in application { $0.env = map(size, "") } }
      )
    },
    Self(name: "a chain of parents", size: 200) { size in
      let parents = Dictionary(
        uniqueKeysWithValues: (0..<size).map { ("s\($0)", Stack(name: "s\($0)", from: "s\($0 + 1)")) })
      return {
        var chain = StackChain(Stack(name: "s", from: "s0"))
        while let name = chain.missingParent {
          guard let parent = parents[name] else { break }
          try chain.add(parent)
        }
        _ = chain.merged
      }
    },
    Self(name: "the definition for Marathon", size: 2_000) { size in
      let application = application {
        $0.scheduler = map(size, "value")
        $0.env = map(size, "value")
        $0.args = (0..<size).map { "a\($0)" }
      }
      return { _ = MarathonDefinition.body(of: application, stack: "a", zone: "", instances: 1) }
    },
    Self(name: "constraints on many agents", size: 100) { size in
      let cluster = ClusterSnapshot(
        agents: (0..<size).map { .init(hostname: "host\($0)", attributes: ["rack": "r\($0 % 7)"]) },
        activatedCount: size)
      let constraints = try [
        ["hostname", "LIKE", "host.*"], ["rack", "UNLIKE", "x"], ["hostname", "UNIQUE"], ["hostname", "GROUP_BY", "2"],
      ].map { try Constraint($0) }
      return { _ = cluster.agents(satisfying: constraints) }
    },
  ]

  private static func substitution(
    _ name: String, _ size: Int, _ text: @escaping @Sendable (Int) -> String,
    _ variables: @escaping @Sendable (Int) -> OrderedMap<String>
  ) -> Self {
    Self(name: "variables: \(name)", size: size) { size in
      let (text, variables) = (text(size), Variables(arbitrary: variables(size)))
      return { _ = try? variables.substitute(in: text) }
    }
  }

  private static let texts: [Self] = [
    substitution("many in one text", 2_000) { size in
      repeated(size) { "${key\($0)} " }
    } _: {
      map($0, "value")
    },
    substitution("unknown ones", 2_000) { size in
      repeated(size) { "${no\($0)} " }
    } _: {
      map($0, "value")
    },
    substitution("open braces", 5_000) {
      String(repeating: "${", count: $0)
    } _: { _ in
      [:]
    },
    substitution("open braces that close", 5_000) { size in
      String(repeating: "${", count: size) + String(repeating: "}", count: size)
    } _: { _ in
      [:]
    },
    substitution("values in values", 50) { _ in
      "${v0}"
    } _: { size in
      OrderedMap((0..<size).map { ("v\($0)", "${v\($0 + 1)}") })
    },
    Self(name: "variables: unknown ones of an application", size: 300) { size in
      let application = application { $0.args = (0..<size).map { "${no\($0)}" } }
      let variables = Variables(arbitrary: map(size, "value"))
      return { _ = try? application.substituting(variables, for: [.launch]) }
    },
    json("an array", 5_000) { "[" + repeated($0) { "\($0)," } + "0]" },
    json("an object", 2_000) { "{" + repeated($0) { "\"key\($0)\":\"value\"," } + "\"\":0}" },
    json("a text with escapes", 20_000) { "\"" + String(repeating: "\\u00e9\\n", count: $0) + "\"" },
    json("a long text", 500_000) { "\"" + String(repeating: "a", count: $0) + "\"" },
    json("a long number", 100_000) { String(repeating: "1", count: $0) },
    json("objects in an array", 1_000) { "[" + repeated($0) { "{\"a\":{\"b\":[\($0)]}}," } + "0]" },
    json("an object with one name", 2_000) { "{" + repeated($0) { _ in "\"a\":1," } + "\"\":0}" },
    stream("lines of data", 5_000) { String(repeating: "data: a\n", count: $0) + "\n" },
    stream("comments", 5_000) { String(repeating: ":\n\n", count: $0) },
    stream("messages", 1_000) { repeated($0) { "id: \($0)\nevent: a\ndata: b\n\n" } },
    Self(name: "a query", size: 2_000) { size in
      let text = "/a?" + repeated(size) { "key\($0)=%20a&" }
      return { _ = RequestTarget(text) }
    },
    Self(name: "a path", size: 2_000) { size in
      let text = repeated(size) { "/a\($0)/.." }
      return {
        _ = RequestTarget(text)
        _ = APIRoute(path: "/v2/apps" + text)
      }
    },
    Self(name: "paths of files", size: 200) { size in
      let files = (0..<size).map {
        APIFileRules.Candidate(path: String(repeating: "a/", count: 20) + "\($0)/../x", size: 1)
      }
      return { _ = APIFileRules.problems(of: files) }
    },
    Self(name: "a long path of a file", size: 50_000) { size in
      let file = APIFileRules.Candidate(path: String(repeating: "a/", count: size), size: 1)
      return { _ = APIFileRules.problems(of: [file]) }
    },
    Self(name: "a list of a schedule", size: 2_000) { size in
      let text = "* * * * " + repeated(size) { _ in "1-12/2," }
      return { _ = try? Schedule(text) }
    },
    Self(name: "a token of a page", size: 50_000) { size in
      let token = PageToken(list: "stacks", key: [UInt8](repeating: 97, count: size))
      return { _ = try token.textKey(of: "stacks") }
    },
    Self(name: "entity tags", size: 5_000) { size in
      let tag = EntityTag(ContentHash(of: []))
      let field = repeated(size) { "W/\"\($0)\" , " } + String(repeating: " ", count: size)
      return { _ = tag.isRequired(by: field) }
    },
    Self(name: "a pattern", size: 500) { size in
      let text = repeated(size) { "a\($0)|" }
      return { _ = try? Pattern(text) }
    },
  ]

  private static func json(_ name: String, _ size: Int, _ text: @escaping @Sendable (Int) -> String) -> Self {
    Self(name: "JSON: \(name)", size: size) { size in
      let bytes = Array(text(size).utf8)
      return {
        let json = try JSON(parsing: bytes)
        _ = json.bytes
        _ = json.canonical
        let _: JSON = try json.decode()
      }
    }
  }

  private static func stream(_ name: String, _ size: Int, _ text: @escaping @Sendable (Int) -> String) -> Self {
    Self(name: "event stream: \(name)", size: size) { size in
      let bytes = Array(text(size).utf8)
      return {
        var decoder = ServerSentEventDecoder()
        for event in try decoder.feed(bytes) { _ = MarathonEvent(event) }
      }
    }
  }

  private static func worker(_ name: String, _ size: Int, piece: Int, _ frames: @escaping @Sendable (Int) -> [String])
    -> Self
  {
    Self(name: "worker: \(name)", size: size) { size in
      let stream = frames(size).flatMap { FrameDecoder.frame(Array($0.utf8)) }
      let pieces = stride(from: 0, to: stream.count, by: piece).map {
        Array(stream[$0..<min(stream.count, $0 + piece)])
      }
      return {
        var decoder = FrameDecoder(limit: 16 << 20)
        var conversation = WorkerConversation(functions: [], limits: ScriptLimits())
        for piece in pieces {
          decoder.append(piece)
          while let frame = try decoder.next() { _ = try conversation.handle(WorkerMessage(decoding: frame)) }
        }
      }
    }
  }

  private static let workers: [Self] = [
    worker("many frames at once", 2_000, piece: .max >> 1) { size in
      [#"{"op":"ready","protocol":5}"#] + (0..<size).map { ">\($0)" }
    },
    worker("a frame in many pieces", 100_000, piece: 16) { size in
      [#"{"op":"refused","message":"\#(String(repeating: "a", count: size))"}"#]
    },
    worker("a long trace", 20_000, piece: 4_096) { size in
      let text = String(repeating: #"\u0308\n"#, count: size)
      return [
        #"{"op":"ready","protocol":5}"#, #"{"op":"error","kind":"runtime","at":"\#(text)","trace":"\#(text)"}"#,
      ]
    },
  ]

  private static let cluster: [Self] = [
    Self(name: "a definition for the cluster", size: 500) { size in
      let text =
        "{\"id\":\"/a\",\"cmd\":\"sleep 1\",\"env\":{" + repeated(size) { "\"key\($0)\":\"a\"," } + "\"\":\"\"},"
        + "\"constraints\":[" + repeated(size) { "[\"a\($0)\",\"UNIQUE\"]," } + "[\"a\",\"UNIQUE\"]],"
        + "\"ports\":[" + repeated(size) { "\(10_000 + $0)," } + "0],\"args\":null}"
      let bytes = Array(text.utf8)
      return { _ = try? AppDefinition.decode(try JSON(parsing: bytes)).json }
    },
    Self(name: "a label selector", size: 1_000) { size in
      let text = repeated(size) { "a\($0) in (b,c)," } + "d"
      return { _ = try? LabelSelector(text) }
    },
  ]
}
