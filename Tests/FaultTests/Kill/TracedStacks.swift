import FaultInjection
import Glibc

extension TracedStack {
  /// The quickstart's stack, its ids changed so that several can live beside each other, with hooks and tasks that leave
  /// traces.
  static func quickstart(_ suffix: String) throws -> TracedStack {
    let name = "quickstart\(suffix)"
    var yaml = try text("stacks/quickstart.yaml")
    yaml = yaml.replacing("quickstart", with: name)
    for (hook, mark) in [
      ("before_scheduler:\n      - ", "store-before"), ("after_tasks:\n      - |", "store-after"),
      ("after_scheduler:\n      - ", "web-scheduled"), ("after_tasks:\n      - echo \"look", "web-after"),
    ] {
      let (head, item) = (hook.prefix { $0 != "\n" }, hook.drop { $0 != "\n" })
      guard yaml.contains(hook) else { throw KillFailure("the quickstart's stack has no \(hook)") }
      yaml = yaml.replacing(hook, with: "\(head)\n      - echo \(mark) >> \"$HOOK_LOG\"\(item)", maxReplacements: 1)
    }
    // The shell that runs the command becomes the task: its number stays the same.
    yaml = yaml.replacing(
      "exec perl", with: "echo $$ >> TASKS/$(basename $MARATHON_APP_ID)\n      exec perl", maxReplacements: 1)
    yaml = yaml.replacing("${greeting}", with: "Hello")
    return TracedStack(
      name: name, source: yaml, applications: ["\(name)-store", "\(name)-api", "\(name)-web"],
      hooks: ["store-after", "store-before", "web-after", "web-scheduled"], end: "succeeded")
  }

  /// A task that notes its number, so that each start of it leaves a line.
  private static func traced(_ application: String) -> String { "echo $$ >> TASKS/\(application); exec sleep 600" }

  /// Hooks wherever a server without task runners has them; the last one fails.
  static func failingHooks(_ suffix: String) -> TracedStack {
    let name = "hooked\(suffix)"
    func hook(_ mark: String, _ more: String = "") -> String { "[ 'echo \(mark) >> \"$HOOK_LOG\"\(more)' ]" }
    func command(_ id: String) -> String { "'\(traced("\(name)-\(id)"))'" }
    let yaml = """
      name: \(name)
      applications:
        one:
          type: service
          id: \(name)-one
          cpu: 0.1
          mem: 16
          launch_command: \(command("one"))
          before_scheduler: \(hook("one-before"))
          after_scheduler: \(hook("one-scheduled"))
          after_tasks: \(hook("one-after", "; sleep 0.2"))
        two:
          type: service
          id: \(name)-two
          cpu: 0.1
          mem: 16
          launch_command: \(command("two"))
          dependencies: [\(name)-one]
          before_scheduler: \(hook("two-before"))
          after_scheduler: \(hook("two-scheduled"))
          after_tasks: \(hook("two-after", "; exit 3"))
      """
    return TracedStack(
      name: name, source: yaml, applications: ["\(name)-one", "\(name)-two"],
      hooks: ["one-after", "one-before", "one-scheduled", "two-after", "two-before", "two-scheduled"], end: "failed")
  }

  /// Lua hooks, one of which deploys an application of its own, restarts it, and runs a command.
  static func scripts(_ suffix: String) -> TracedStack {
    let name = "scripted\(suffix)"
    func command(_ id: String) -> String { traced("\(name)-\(id)") }
    let yaml = """
      name: \(name)
      applications:
        one:
          type: service
          id: \(name)-one
          cpu: 0.1
          mem: 16
          launch_command: '\(command("one"))'
          before_scheduler:
            - lua: |
                vars.set("mark", "one")
                log.info("before", ctx.app.id)
            - echo ${mark}-before >> "$HOOK_LOG"
          after_scheduler:
            - lua: |
                local green = marathon.deploy {
                  id = "\(name)-green", cmd = "\(command("green"))", cpus = 0.1, mem = 16, instances = 1,
                }
                vars.set("mark", "green")
                green = wait_healthy(green, { timeout = "1m" })
                time.sleep("20ms")
                vars.set("endpoint", green:endpoint())
                shell.run([[until test -s TASKS/\(name)-green; do sleep 0.01; done]])
                wait_healthy(marathon.restart(green), { timeout = "1m" })
                local told = shell.run([[echo shell >> "$HOOK_LOG"; sleep 0.2; echo told]])
                vars.set("told", (told.stdout:gsub("%s+", "")))
            - echo ${mark}-${told}-scheduled >> "$HOOK_LOG"
          after_tasks:
            - lua: |
                for i = 1, 3 do log.info("try", i) end
                vars.set("mark", uuid())
                fail("no more")
      """
    var stack = TracedStack(
      name: name, source: yaml, applications: ["\(name)-one", "\(name)-green"],
      hooks: ["green-told-scheduled", "one-before", "shell"], end: "failed")
    stack.restarted = ["\(name)-green"]
    return stack
  }

  /// A Lua hook whose branches deploy, run commands and wait beside each other.
  static func parallel(_ suffix: String) -> TracedStack {
    let name = "parallel\(suffix)"
    func command(_ id: String) -> String { traced("\(name)-\(id)") }
    let yaml = """
      name: \(name)
      applications:
        one:
          type: service
          id: \(name)-one
          cpu: 0.1
          mem: 16
          launch_command: '\(command("one"))'
          after_scheduler:
            - lua: |
                local function deploy(id, command)
                  return function()
                    local app = marathon.deploy { id = id, cmd = command, cpus = 0.1, mem = 16, instances = 1 }
                    return wait_healthy(app, { timeout = "1m" }):endpoint()
                  end
                end
                local seen = {}
                local results = parallel {
                  deploy("\(name)-green", "\(command("green"))"),
                  deploy("\(name)-blue", "\(command("blue"))"),
                  function() shell.run('echo first >> "$HOOK_LOG"; sleep 0.1') seen[#seen + 1] = "first" end,
                  function() shell.run('echo second >> "$HOOK_LOG"') seen[#seen + 1] = "second" end,
                  function()
                    for i = 1, 3 do time.sleep("20ms") log.info("tick", i, #seen) end
                    vars.set("mark", uuid())
                    return "ticked"
                  end,
                  function() return http.get("WEB/\(name)/state").body end,
                  function() return http.put("WEB/\(name)/active", { body = "green" }).status end,
                }
                assert(results.n == 7 and results[1] and results[2] and results[5] == "ticked" and #seen == 2)
                assert(results[6] == "ok" and results[7] == 200)
                cassandra.put("seen", seen)
            - echo scheduled >> "$HOOK_LOG"
      """
    var stack = TracedStack(
      name: name, source: yaml, applications: ["\(name)-one", "\(name)-green", "\(name)-blue"],
      hooks: ["first", "scheduled", "second"], end: "succeeded")
    stack.requests = ["GET /\(name)/state", "PUT /\(name)/active"]
    return stack
  }

  /// A Lua stack whose run is a function, and which is given a value for what it declares.
  static func imperative(_ suffix: String) -> TracedStack {
    let name = "imperative\(suffix)"
    func command(_ id: String) -> String { traced("\(name)-\(id)") }
    let lua = """
      local function spec(id, command)
        return { id = id, cmd = command, cpus = 0.1, mem = 16, instances = 1 }
      end
      return stack("\(name)", {
        vars = { color = var.string { default = "green", choices = { "blue", "green" } } },
        run = function(ctx)
          local blue = marathon.deploy(spec("\(name)-blue", "\(command("blue"))"))
          wait_healthy(blue, { timeout = "1m" })
          local green = wait_healthy(marathon.deploy(spec("\(name)-green", "\(command("green"))")), { timeout = "1m" })
          -- Nothing listens there: no answer is one, too.
          local answer, problem = http.try_get(green:url("/"))
          assert(not answer and problem.code == "unavailable", problem)
          assert(http.get("WEB/\(name)/state").body == "ok")
          assert(http.put("WEB/\(name)/active", { json = { color = vars.get("color") } }).status == 200)
          cassandra.put("active", { color = vars.get("color"), run = ctx.run.id, mark = uuid() })
          local told = shell.run([[echo smoke >> "$HOOK_LOG"; sleep 0.1; echo told]])
          vars.set("told", told.stdout)
          time.sleep("20ms")
          assert(marathon.destroy(blue))
          log.info("is", cassandra.get("active").color)
        end,
      })
      """
    return TracedStack(
      name: name, source: lua, file: "stack.lua", applications: ["\(name)-blue", "\(name)-green"], hooks: ["smoke"],
      end: "succeeded", destroyed: ["\(name)-blue"], requests: ["GET /\(name)/state", "PUT /\(name)/active"])
  }

  /// A Lua stack whose function sends something that must not be sent twice.
  static func posting(_ suffix: String) -> TracedStack {
    let name = "posting\(suffix)"
    let lua = """
      return stack("\(name)", {
        run = function(ctx)
          local app = marathon.deploy {
            id = "\(name)-one", cmd = "\(traced("\(name)-one"))", cpus = 0.1, mem = 16, instances = 1,
          }
          wait_healthy(app, { timeout = "1m" })
          assert(http.get("WEB/\(name)/state").body == "ok")
          http.put("WEB/\(name)/active", { body = "green" })
          vars.set("ordered", tostring(http.post("WEB/\(name)/order", { json = { run = ctx.run.id } }).status))
          log.info("has ordered")
        end,
      })
      """
    return TracedStack(
      name: name, source: lua, file: "stack.lua", applications: ["\(name)-one"], hooks: [], end: "succeeded",
      requests: ["GET /\(name)/state", "PUT /\(name)/active"],
      post: TracedPost(request: "POST /\(name)/order", variable: "ordered", calls: 4))
  }

  private static func text(_ path: String) throws -> String {
    // Tests run in the package's folder.
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw KillFailure("there is no \(path): tests run in the package's folder") }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(file, &bytes, bytes.count)
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
  }
}
