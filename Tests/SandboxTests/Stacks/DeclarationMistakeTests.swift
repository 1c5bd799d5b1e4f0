import JSON
import ScriptHost
import StackModel
import Testing

/// What is said of a Lua file that declares no stack, or an odd one.
struct DeclarationMistakeTests {
  @Test(arguments: [
    (
      "version = 0.10",
      "applications.web.version: expected a text, found the number 0.1 (write a text, such as \"0.10\": a number does not keep its digits)"
    ),
    ("user = 3", "applications.web.user: expected a text, found the number 3 (write \"3\")"),
    (
      "launch_command = true",
      "applications.web.launch_command: expected a text, found the boolean true (write \"true\")"
    ),
    ("env = { A = 1 }", "applications.web.env.A: expected a text, found the number 1 (write \"1\")"),
    ("args = { 1 }", "applications.web.args[0]: expected a text, found the number 1 (write \"1\")"),
    ("instances = 1.5", "applications.web.instances: expected a whole number or a text, found the number 1.5"),
    ("cpu = '0.1'", "applications.web.cpu: expected a number, found the text \"0.1\" (take away the quotes)"),
    ("ports = { 1.5 }", "applications.web.ports[0]: expected a whole number, found the number 1.5"),
    (
      "ports = 31991",
      "applications.web.ports: expected a list of whole numbers, found the number 31991 (write a list: { 31991 })"
    ),
    ("args = 'x'", "applications.web.args: expected a list of texts, found the text \"x\" (write a list: { \"x\" })"),
    ("args = { a = 1 }", "applications.web.args: expected a list of texts, found a map"),
    ("env = { 'x' }", "applications.web.env[0]: expected a pair such as { \"name\", value }, found the text \"x\""),
    ("env = { { 1, 'x' } }", "applications.web.env: expected a text, found the number 1 (write \"1\")"),
    ("tasks = { { 'a' } }", "applications.web.tasks[0]: expected a pair such as { \"name\", value }, found a list"),
    ("docker = json.array {}", "applications.web.docker: expected a map, found a list"),
    ("env = { A = print }", "applications.web.env.A: expected a text, found a function"),
    ("launch_command = function() end", "applications.web.launch_command: expected a text, found a function"),
    ("tasks = { a = { f = function() end } }", "applications.web.tasks.a.f: expected a value, found a function"),
    (
      "args = { 'a', x = 1 }",
      "applications.web.args: expected a list of texts, found a table that is a list and has names, too"
    ),
    (
      "env = { [true] = 1 }",
      "applications.web.env: expected a map of texts, found a table whose keys are not all texts"
    ),
    (
      "env = { [{}] = 1, [{}] = 2 }",
      "applications.web.env: expected a map of texts, found a table whose keys are not all texts"
    ),
    ("user = '\\xff'", "applications.web.user: expected a text, found a text that is not UTF-8"),
    ("user = coroutine.create(print)", "applications.web.user: expected a text, found a thread"),
    ("before_task = 5", "applications.web.before_task: expected a list of texts, found the number 5"),
    (
      "before_task = { 5 }",
      "applications.web.before_task[0]: expected a text, found the number 5 (write \"5\")"
    ),
    (
      "before_task = { lua = 'a', lua_file = 'b' }",
      "applications.web.before_task: it has both lua and lua_file (make two entries of them)"
    ),
    (
      "before_task = { { lua = function() end } }",
      "applications.web.before_task[0].lua: expected a text, found a function"
    ),
    ("cpu = -1", "applications.web.cpu: Invalid application CPU: it must be above 0"),
    ("cpu = 1/0", "applications.web.cpu: cpu must be a finite number"),
    (
      "launch_comand = 'x'",
      "warning: applications.web.launch_comand: unknown field, ignored (did you mean \"launch_command\"?)"
    ),
  ])
  func fields(_ fields: String, _ message: String) async throws {
    let severity = message.hasPrefix("warning: ") ? "" : "error: "
    #expect(
      try await Declaring.diagnostics(ofFields: fields).first == "kafka/stack.lua:2:1: \(severity)\(message)")
  }

  @Test(arguments: [
    ("return 1", "1:1: error: the file declares no stack: it calls stack(name, fields) and returns what that returns"),
    ("\nstack('k')", "2:1: error: the file must return its stack, but returns nil: end it with `return s`"),
    (
      "\nlocal s = stack('k')\nreturn { s }",
      "2:1: error: the file must return its stack, but returns a table: end it with `return s`"
    ),
    ("local x =\n\nreturn return", "3:1: error: unexpected symbol near 'return'"),
    ("\nlocal s = stck('k')", "2:1: error: undefined global 'stck': is 'stack' meant?"),
    ("\nos.exit()", "2:1: error: 'os' is not available to scripts: scripts do not reach the system"),
    ("\nrequire('lib.x')", "2:1: error: there is no module 'lib.x': no modules came with this script"),
    ("return stack('k', 5)", "1:1: error: stack: argument 2 (fields) must be a table, is a number"),
    (
      "stack('k')\nreturn stack('k')", "2:1: error: stack: was called before, at stack.lua:1: a file declares one stack"
    ),
    ("return stack(5)", "1:1: error: name: expected a text, found the number 5 (write \"5\")"),
    ("return stack('k', { form = 'x' })", "1:1: warning: form: unknown field, ignored (did you mean \"from\"?)"),
    ("return stack('k', { run = 'x' })", "1:1: error: run: expected a function, found the text \"x\""),
    (
      "return stack('k', { layer = 'zon' })",
      "1:1: error: layer: expected zone, cluster or datacenter, or its number, found the text \"zon\""
    ),
    (
      "return stack('k', { applications = {} })",
      "1:1: error: stack takes no field applications: an application is added with s:app(key, fields)"
    ),
    ("return stack('k', { name = 'x' })", "1:1: error: stack takes no field name: the name is its first argument"),
    (
      "return stack('k', { grants = { 'marathon.deploi' } })",
      "1:1: warning: grants[0]: \"marathon.deploi\" grants nothing that scripts can call (did you mean \"marathon.deploy\"?)"
    ),
    (
      "return stack('k', { grants = { 5 } })",
      "1:1: error: grants[0]: expected a text, found the number 5 (write \"5\")"
    ),
    (
      "local s = stack('k')\ns:run(print)",
      "2:1: error: stack: what it returns has no field 'run', only app, id and vars; what a stack says is given to it: stack(name, { … })"
    ),
    (
      "local s = stack('k')\nreturn s:app('a', {}).host",
      "2:1: error: stack:app: what it returns has no field 'host', only id and out"
    ),
    (
      "local s = stack('k')\ns.app('web', {})",
      "2:1: error: stack:app: is called with a colon, on the stack: s:app(key, fields)"
    ),
    (
      "local s = stack('k')\ns:app()",
      "2:1: error: stack:app: argument 1 (key) must be a text that is not empty, is nil"
    ),
    (
      "local s = stack('k')\ns:app('web')",
      "2:1: error: stack:app: argument 2 (fields) must be a table, or json.null for removing what is inherited, is nil"
    ),
    (
      "local s = stack('k')\ns:app('web', {})\ns:app('web', {})\nreturn s",
      "3:1: error: the application web is declared twice, first at stack.lua:2"
    ),
    (
      "local s = stack('k')\nlocal a = s:app('web', {})\nreturn a.out.x",
      "3:1: error: out: the application web has no id of its own here: write \"${ID.x}\" with the one that it inherits"
    ),
    (
      "local s = stack('k')\nlocal a = s:app('web', { id = 'w' })\nreturn a.out['a}']",
      "3:1: error: out: the name of a variable must be a text without braces, is a string"
    ),
    (
      "local s = stack('k', { vars = { brokers = var.integer {} } })\nreturn s.vars.brokrs",
      "2:1: error: vars: the stack declares no variable 'brokrs': is 'brokers' meant?"
    ),
    (
      "local s = stack('k')\nreturn s.vars.other",
      "2:1: error: vars: the stack declares no variable 'other'; one that a parent declares is written \"${other}\""
    ),
    ("\nvar.integer(3)", "2:1: error: var.integer: argument 1 (options) must be a table, is a number"),
    (
      "\nvar.integer { type = 'string' }",
      "2:1: error: var.integer: argument 1 (options) takes no type: it is said by the function"
    ),
    ("\nvar.int {}", "2:1: error: attempt to call a nil value (field 'int')"),
    (
      "\nmarathon.deploy({})",
      "2:1: error: marathon.deploy: may be called from hooks and `run`, not while the stack is declared"
    ),
    (
      "\nhttp.try_get('http://a/')",
      "2:1: error: http.try_get: may be called from hooks and `run`, not while the stack is declared"
    ),
    ("\nprint(1)", "2:1: error: print: may be called from hooks and `run`, not while the stack is declared"),
    (
      "local s = stack('k', { run = function() end })\ns:app('web', {})\nreturn s",
      "1:1: error: run: a stack walks the graph of its applications, or is run by its function: this one has both"
    ),
    (
      "return stack('k', { vars = { n = var.integer { default = '3' } } })",
      "1:1: error: vars.n.default: expected a whole number, found the text \"3\" (take away the quotes)"
    ),
    (
      "return stack('k', { vars = { n = var.integer { default = 3.5 } } })",
      "1:1: error: vars.n.default: expected a whole number, found the number 3.5"
    ),
    (
      "return stack('k', { vars = { n = var.integer { default = 0, min = 1 } } })",
      "1:1: error: vars.n.default: it must be a whole number, at least 1"
    ),
    (
      "return stack('k', { vars = { zone = var.string() } })",
      "1:1: error: vars.zone: every run sets the variable zone itself; take another name"
    ),
    ("return stack('')", "1:1: warning: the stack has no name (without one it can be neither shown nor run)"),
    (
      "local s = stack('k')\ns:app('web', json.null)\nreturn s",
      "2:1: warning: applications.web: the application is null (write its fields, or leave it out)"
    ),
    (
      "local s = stack('k')\ns:app('web', { dependencies = { 'x' } })\nreturn s",
      "2:1: warning: applications.web.dependencies[0]: "
    ),
    (
      "local s = stack('k')\nlocal a = s:app('a', { id = 'a' })\ns:app('b', { id = 'b', artifact_urls = { a.out.url } })\nreturn s",
      "3:1: error: applications.b.artifact_urls[0]: ${a.url} stands where nothing is replaced (variables are replaced in launch_command, scheduler, args, env, tasks and hooks)"
    ),
    (
      "local s = stack('k')\ns:app('a', { id = 'a', env = { X = '${b.x}' } })\ns:app('b', { id = 'b', env = { X = '${a.x}' } })\nreturn s",
      "2:1: warning: applications.a.dependencies"
    ),
    ("fail('no disk', { x = 1 })", "1:1: error: no disk"),
    ("while true do end", "1:1: error: over the "),
  ])
  func files(_ source: String, _ message: String) async throws {
    var options = StackCheck.Options()
    options.knownOperations = HostFunctions.operations
    let diagnostics = try await Declaring.check(source, options: options).diagnostics.map(\.description)
    #expect(diagnostics.first?.hasPrefix("kafka/stack.lua:\(message)") == true, "\(diagnostics)")
  }

  @Test func theyAreToldAtOnceWithTheirPlaces() async throws {
    let diagnostics = try await Declaring.diagnostics(
      """
      local s = stack("k", { layer = "zon" })
      local lib = require("lib.kafka")
      s:app("a", { version = 1, cpus = 2 })
      lib.add(s)
      s:app("a", {})
      return s
      """,
      modules: ["lib/kafka.lua": "local m = {}\nfunction m.add(s)\n  s:app('lib', { id = 5 })\nend\nreturn m"])
    #expect(
      diagnostics == [
        "kafka/lib/kafka.lua:3:1: error: applications.lib.id: expected a text, found the number 5 (write \"5\")",
        "kafka/stack.lua:1:1: error: layer: expected zone, cluster or datacenter, or its number, found the text \"zon\"",
        "kafka/stack.lua:3:1: error: applications.a.version: expected a text, found the number 1 (write \"1\")",
        "kafka/stack.lua:3:1: warning: applications.a.cpus: unknown field, ignored (did you mean \"cpu\"?)",
        "kafka/stack.lua:5:1: error: the application a is declared twice, first at stack.lua:3",
      ])
  }

  @Test func whatAModuleRaisesHasItsPlace() async throws {
    #expect(
      try await Declaring.diagnostics("\nrequire('lib.x')", modules: ["lib/x.lua": "\n\nerror('broken')"]) == [
        "kafka/lib/x.lua:3:1: error: broken"
      ])
    #expect(
      try await Declaring.diagnostics("\nrequire('lib.x')", modules: ["lib/x.lua": "\nlocal ="]) == [
        "kafka/stack.lua:2:1: error: lib/x.lua:2: <name> expected near '='"
      ])
  }

  @Test func aFileOfAHookMustHaveCome() async throws {
    var options = StackCheck.Options()
    options.files = ["stack.lua"]
    let check = try await Declaring.check(
      "local s = stack('k')\ns:app('web', { id = 'w', after_task = { lua_file = 'hooks/a.lua' } })\nreturn s",
      options: options)
    #expect(check.diagnostics.map(\.code) == [.missingFile])
    #expect(check.diagnostics.first?.line == 2)
  }

  /// What a worker hands over that a script has taken over.
  @Test(
    arguments: [
      .null, [:], ["name": "k"], ["name": "k", "applications": [:], "problems": []],
      ["name": "k", "applications": [["key": 5, "fields": .null]], "problems": []],
      ["name": "k", "applications": [["key": "a"]], "problems": []],
      ["name": ["l"], "fields": 5, "applications": [], "problems": []],
      ["name": ["z", 1], "applications": [], "problems": []], ["name": [], "applications": [], "problems": []],
      ["name": ["m", "a"], "applications": [], "problems": []],
      ["name": ["d", "1e5"], "applications": [], "problems": []],
      ["name": ["x"], "applications": [], "problems": []], ["name": ["a": 1], "applications": [], "problems": []],
      ["name": "k", "applications": [], "problems": [["message": 1]]],
    ] as [JSON])
  func whatIsNoStackIsRefused(declared: JSON) {
    let decoding = StackDecoding(declared: declared, entry: "stack.lua", file: "a/stack.lua")
    #expect(decoding.stack == nil)
    #expect(
      decoding.diagnostics.map(\.description) == [
        "a/stack.lua:1:1: error: what the script's worker handed over is no stack"
      ])
  }

  @Test func placesOfAForeignWorkerAreCheckedToo() {
    let decoding = StackDecoding(
      declared: [
        "name": 5, "file": "../../etc/passwd", "line": -1,
        "applications": [["key": "a", "line": 7, "file": "\u{1B}[2J", "fields": 5]],
        "problems": [["message": "m", "file": "lib/x.lua", "line": 1e300]],
      ], entry: "stack.lua", file: "a/stack.lua")
    #expect(
      decoding.diagnostics.map(\.description) == [
        "a/stack.lua:1:1: error: m", "a/stack.lua:1:1: error: name: expected a text, found the number 5 (write \"5\")",
        "a/stack.lua:7:1: error: applications.a: expected a map, found the number 5",
      ])
  }
}
