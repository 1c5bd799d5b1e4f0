/// What a worker runs after the declarations of functions to look at scripts without running them: which of the host's functions and modules they name
/// that are not there.
///
/// Its value is a list of findings. A script is known by `=` and its number, a module by its name; those that scripts require are looked at as well.
enum InspectionPrelude {
  /// More are not told.
  static let mostFindings = 1_000

  /// - Parameter modules: their names.
  static func source(scripts: Int, modules: [String]) -> String {
    """
    local modules, came = { \(luaSet(HostFunctions.moduleNames)) }, { \(luaSet(modules)) }
    local later, known = { \(luaSet(HostFunctions.laterModules)) }, { \(luaSet(surroundings)) }
    local reads, nearest, globals, get = host.reads, host.nearest, _G, rawget
    local match, number, walk = string.match, tonumber, ipairs
    local out, rest, seen, told = json.array {}, {}, {}, {}
    for i = \(scripts), 1, -1 do rest[#rest + 1] = "=" .. i end
    local function index(name) return globals[name] end
    local function look(at, read)
      local name, field, module = line(read[2]), read[3] and line(read[3]) or nil, read[4] and line(read[4])
      -- Once a line.
      local function is_new()
        local key = read[1] .. ":" .. name .. ":" .. (field or module or "")
        local is_told = told[key]
        told[key] = true
        return not is_told
      end
      local function tell(what, message, near)
        out[#out + 1] = { at = at, line = read[1], what = what, name = name, field = field, message = message, near = near }
      end
      if module then
        if not came[module] then
          if is_new() then tell("module", module) end
        elseif not seen[module] then
          seen[module] = true
          rest[#rest + 1] = module
        end
      elseif later[name] then
        if is_new() then tell("later") end
      elseif modules[name] then
        local functions = get(globals, name)
        if field and get(functions, field) == nil and is_new() then tell("function", nil, nearest(functions, field)) end
      elseif not known[name] and get(globals, name) == nil and is_new() then
        local is_there, message = pcall(index, name)
        if not is_there then tell("global", message) end
      end
    end
    return nil, function()
      while #rest > 0 do
        local at = rest[#rest]
        rest[#rest] = nil
        told = {}
        local found, message = reads(at)
        if message then
          local place, said = match(message, "^s:(%d+): (.*)$")
          out[#out + 1] = { at = at, line = number(place) or 1, what = "syntax", message = line(said or message) }
        end
        for _, read in walk(found or {}) do
          if #out >= \(mostFindings) then return out end
          look(at, read)
        end
      end
      return out
    end
    """
  }

  /// What hooks and the files of stacks have beside functions.
  private static let surroundings = ["ctx", "stack", "var"]

  private static func luaSet(_ names: [String]) -> String {
    names.map { "[\"\($0)\"] = true" }.joined(separator: ", ")
  }
}
