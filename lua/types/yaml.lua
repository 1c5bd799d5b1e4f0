---@meta
-- Made by `stack-deploy lua types`; changes go to the registry of host functions.

---YAML as values and back.
---@class yaml
yaml = {}

---The value of a YAML text, by the rules of stacks: `yes` and `on` are true, aliases and `<<` are followed, keys are text. An empty text is nil.
---@param text string One document, at most 1 MiB.
---@return JSONValue?
function yaml.parse(text) end

---The value as YAML, in blocks.
---@param value JSONValue What JSON has.
---@return string
function yaml.format(value) end
