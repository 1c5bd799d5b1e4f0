---@meta
-- Made by `stack-deploy lua types`; changes go to the registry of host functions.

---Bytes as text.
---@class base64
base64 = {}

---Base64 with padding (RFC 4648).
---@param text string Text in UTF-8.
---@return string
function base64.encode(text) end

---The text that base64 stands for.
---@param base64 string Base64 with padding, without white space.
---@return string
function base64.decode(base64) end
