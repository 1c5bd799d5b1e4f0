---@meta
-- Made by `stack-deploy lua types`; changes go to the registry of host functions.

---Values as text and back, without a call to the host. `json.null` stands for null, where `nil` would leave a field out. Tables have at most 64 levels, texts the size that values for the host may have.
---@class json
---@field null JSONNull Stands for null.
json = {}

---The value as JSON on one line. Keys of maps are sorted; `1.0` stays `1.0`.
---@param value JSONValue A table whose keys are 1 to n is a list, one with strings as keys a map.
---@return string
function json.encode(value) end

---The value of a JSON text. Whole numbers become integers where they fit; an empty list stays a list.
---@param text string One JSON value.
---@return JSONValue
function json.decode(text) end

---Marks a table as a list, so that it is `[]` and not `{}` while it is empty.
---@param list? JSONValue[] A table without a metatable; left out, a new one.
---@return JSONValue[]
function json.array(list) end
