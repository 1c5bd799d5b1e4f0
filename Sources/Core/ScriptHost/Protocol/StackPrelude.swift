import StackModel

/// What a worker runs before the file of a stack: `stack`, `var`, and what takes the file's value.
///
/// What the file says is kept as it was when it was said, in a form of JSON that `StackDeclaration` reads. Tables are looked at past their metatables.
/// Functions stay here: the file runs again in the worker that calls one of them.
enum StackPrelude {
  /// The value of the invocation is the stack.
  case declare
  /// It is what the function returns that the first frame names.
  case call

  /// Sees to it that functions that reach the host wait until the stack is declared. Stands before the declarations of functions.
  static var guardian: String {
    """
    local early = { \(luaSet(names(of: HostFunctions.all(in: .declare)))) }
    local declaring, give = true, add
    local function later(name, fn)
      return function(...)
        if declaring then misuse(name, "may be called from hooks and `run`, not while the stack is declared") end
        return fn(...)
      end
    end
    add = function(name, fn)
      if fn ~= nil and not early[name] then fn = later(name, fn) end
      give(name, fn)
    end
    for name, fn in pairs(functions) do
      if not early[name] then give(name, later(name, fn)) end
    end
    """
  }

  /// Stands behind the declarations of functions; `ctx` is the context or nil.
  func lines(given functions: [HostFunction], hasOutput: Bool) -> [String] {
    var lines: [String] = []
    if case .declare = self {
      let given = Set(Self.names(of: functions))
      let others = Self.names(of: HostFunctions.all) + (hasOutput ? [] : ["print"])
      for name in others where !given.contains(name) {
        lines.append("give(\"\(name)\", later(\"\(name)\"))")
      }
    }
    lines.append("local places = { \(Self.luaSet(HookPlace.allCases.map(\.rawValue))) }")
    lines.append(Self.encoding)
    lines.append(Self.declaring)
    lines += VariableDeclaration.Kind.allCases.map {
      "give(\"var.\($0.rawValue)\", variable(\"\($0.rawValue)\"))"
    }
    lines.append(Self.finishing)
    return lines
  }

  private static func names(of functions: [HostFunction]) -> [String] {
    functions.flatMap { [$0.name] + ($0.tryName.map { [$0] } ?? []) }
  }

  private static func luaSet(_ names: [String]) -> String {
    names.map { "[\"\($0)\"] = true" }.joined(separator: ", ")
  }

  /// How deep tables may lie in each other.
  private static let deepest = 40

  /// Values as JSON: texts, numbers, booleans and null as they are; `["l", …]` is a list, `["m", key, value, …]` a map, `["f", file, line]` a function
  /// that may stand there, `["d", ".inf"]` a number that JSON has not, `["x", "a function"]` what no field can be.
  private static let encoding = """
    local here, defined, keys_of, nearest = host.here, host.defined, host.keys, host.nearest
    local rawequal, rawget, find, length = rawequal, rawget, string.find, utf8.len
    local null, array, huge = json.null, json.array, math.huge
    local function unusable(what) return { "x", what } end
    local encode
    local function encode_list(value, count, depth, above)
      local out = { "l" }
      for i = 1, count do out[i + 1] = encode(rawget(value, i), depth - 1, above) end
      return out
    end
    local function encode_map(value, keys, depth, above, special)
      local out = { "m" }
      for i = 1, #keys do
        local key = keys[i]
        if kind(key) ~= "string" then return unusable("a table whose keys are not all texts") end
        if not length(key) then return unusable("a table with a key that is not UTF-8") end
        local item = rawget(value, key)
        out[2 * i] = key
        out[2 * i + 1] = special and special(key, item) or encode(item, depth - 1, above)
      end
      return out
    end
    local function encode_table(value, depth, above, special)
      if depth == 0 then return unusable("tables nested deeper than \(deepest) levels") end
      if above[value] then return unusable("a table that contains itself") end
      local is_fine, count, keys, is_list = pcall(keys_of, value)
      if not is_fine then return unusable("a table whose keys are not all texts") end
      if #keys > 0 and (count > 0 or is_list) then return unusable("a table that is a list and has names, too") end
      above[value] = true
      local out
      if count > 0 or is_list then out = encode_list(value, count, depth, above)
      else out = encode_map(value, keys, depth, above, special) end
      above[value] = nil
      return out
    end
    encode = function(value, depth, above)
      local type = kind(value)
      if type == "string" then
        if length(value) then return value end
        return unusable("a text that is not UTF-8")
      end
      if type == "boolean" then return value end
      if type == "number" then
        if value ~= value then return { "d", ".nan" } end
        if value == huge then return { "d", ".inf" } end
        if value == -huge then return { "d", "-.inf" } end
        return value
      end
      if type == "table" then return encode_table(value, depth, above) end
      if value == nil or rawequal(value, null) then return null end
      return unusable("a " .. type)
    end
    local function encode_function(fn)
      local file, at = defined(fn)
      return { "f", file or null, at or null }
    end
    local function encode_hook(value, found)
      if kind(value) == "function" then
        found[1] = value
        return encode_function(value)
      end
      if kind(value) ~= "table" then return encode(value, \(deepest), {}) end
      local is_fine, count, keys = pcall(keys_of, value)
      if not is_fine or count == 0 or #keys > 0 then return encode(value, \(deepest), {}) end
      local out = { "l" }
      for i = 1, count do
        local item = rawget(value, i)
        if kind(item) == "function" then
          found[i] = item
          out[i + 1] = encode_function(item)
        else
          out[i + 1] = encode(item, \(deepest), {})
        end
      end
      return out
    end
    local function named(value)
      if value == nil then return "nil" end
      if rawequal(value, null) then return "json.null" end
      return "a " .. kind(value)
    end
    """

  private static let declaring = """
    local declared, is_finished, run = nil, false, nil
    local applications, problems, found, first = array {}, array {}, {}, {}
    local function problem(message)
      local file, at = here()
      problems[#problems + 1] = { file = file, line = at, message = message }
    end
    local function check_time(op)
      if is_finished then misuse(op, "may be called while the stack is declared, not from hooks and `run`") end
    end
    local outputs = host.handle("outputs", {}, function(self, name)
      if kind(name) ~= "string" or name == "" or find(name, "[%c{}]") then
        misuse("out", "the name of a variable must be a text without braces, is " .. named(name))
      end
      local id = rawget(self, 1)
      if not id then
        misuse("out", "the application " .. rawget(self, 2) .. " has no id of its own here: write \\"${ID." .. name .. "}\\" with the one that it inherits")
      end
      return "${" .. id .. "." .. name .. "}"
    end)
    local variables = host.handle("variables", {}, function(self, name)
      if kind(name) ~= "string" then misuse("vars", "the name of a variable must be a text, is " .. named(name)) end
      local near = nearest(self, name)
      misuse("vars", "the stack declares no variable '" .. name .. "'"
        .. (near and ": is '" .. near .. "' meant?" or "; one that a parent declares is written \\"${" .. name .. "}\\""))
    end)
    local function without_other(op, fields)
      return function(_, name)
        -- One that is inherited is not known here.
        if name == "id" then return nil end
        local field = kind(name) == "string" and length(name) and "field '" .. name .. "'" or "such field"
        misuse(op, "what it returns has no " .. field .. ", only " .. fields)
      end
    end
    local application = host.handle("application", {}, without_other("stack:app", "id and out"))
    local function app(self, key, fields)
      if not declared or not rawequal(self, declared.object) then misuse("stack:app", "is called with a colon, on the stack: s:app(key, fields)") end
      check_time("stack:app")
      if kind(key) ~= "string" or key == "" or not length(key) then
        misuse("stack:app", "argument 1 (key) must be a text that is not empty, is " .. (kind(key) == "string" and "another one" or named(key)))
      end
      local removes = rawequal(fields, null)
      if not removes and kind(fields) ~= "table" then
        misuse("stack:app", "argument 2 (fields) must be a table, or json.null for removing what is inherited, is " .. named(fields))
      end
      local file, at = here()
      if found[key] then
        problem("the application " .. key .. " is declared twice, first at " .. first[key])
      else
        found[key] = {}
        first[key] = (file or "?") .. ":" .. (at or "?")
      end
      local function special(name, value)
        if not places[name] then return nil end
        local functions = {}
        found[key][name] = functions
        return encode_hook(value, functions)
      end
      applications[#applications + 1] =
        { key = key, file = file, line = at, fields = removes and null or encode_table(fields, \(deepest), {}, special) }
      local id = not removes and rawget(fields, "id")
      if kind(id) ~= "string" or not length(id) then id = nil end
      return application { id = id, out = outputs { id or false, key } }
    end
    local object = host.handle("stack", { app = host.entry(app) },
      without_other("stack", "app, id and vars; what a stack says is given to it: stack(name, { … })"))
    give("stack", host.entry(function(name, fields)
      check_time("stack")
      if declared then misuse("stack", "was called before, at " .. declared.place .. ": a file declares one stack") end
      if fields ~= nil and kind(fields) ~= "table" then misuse("stack", "argument 2 (fields) must be a table, is " .. named(fields)) end
      local file, at = here()
      local texts = {}
      declared = { name = encode(name, 1, {}), file = file, line = at, place = (file or "?") .. ":" .. (at or "?") }
      local function special(key, value)
        if key == "run" and kind(value) == "function" then
          run = value
          return encode_function(value)
        end
      end
      if fields ~= nil then
        for _, key in ipairs { "name", "applications" } do
          if rawget(fields, key) ~= nil then
            problem("stack takes no field " .. key .. ": " .. (key == "name" and "the name is its first argument" or "an application is added with s:app(key, fields)"))
          end
        end
        declared.fields = encode_table(fields, \(deepest), {}, special)
        local vars = rawget(fields, "vars")
        if kind(vars) == "table" then
          local is_fine, _, keys = pcall(keys_of, vars)
          for _, key in ipairs(is_fine and keys or {}) do
            if kind(key) == "string" then texts[key] = "${" .. key .. "}" end
          end
        end
      end
      declared.object = object { id = kind(name) == "string" and name or nil, vars = variables(texts) }
      return declared.object
    end))
    local function variable(type)
      return host.entry(function(options)
        local op, made = "var." .. type, { type = type }
        if options == nil then return made end
        if kind(options) ~= "table" then misuse(op, "argument 1 (options) must be a table, is " .. named(options)) end
        local is_fine, count, keys = pcall(keys_of, options)
        if not is_fine or count > 0 then misuse(op, "argument 1 (options) must be a table with names as keys") end
        for _, key in ipairs(keys) do
          if key == "type" then misuse(op, "argument 1 (options) takes no type: it is said by the function") end
          made[key] = rawget(options, key)
        end
        return made
      end)
    end
    """

  private static let finishing = """
    local call = host.call
    local function find_function()
      local wanted = call["function"]
      if wanted == "run" then return run, "function run" end
      local functions = found[wanted.application]
      functions = functions and functions[wanted.hook]
      return functions and functions[wanted.index + 1],
        "function at " .. wanted.hook .. "[" .. wanted.index .. "] of the application " .. wanted.application
    end
    return nil, function(value)
      is_finished = true
      if not declared then error("the file declares no stack: it calls stack(name, fields) and returns what that returns", 0) end
      if not rawequal(value, declared.object) then
        error(declared.place .. ": the file must return its stack, but returns " .. named(value) .. ": end it with `return s`", 0)
      end
      if not call then
        return { name = declared.name, file = declared.file, line = declared.line, fields = declared.fields, applications = applications, problems = problems }
      end
      local fn, what = find_function()
      if not fn then error(declared.place .. ": the stack has no " .. what, 0) end
      declaring = false
      host.seed(unpack(call.seed))
      return fn(ctx)
    end
    """
}
