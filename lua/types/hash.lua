---@meta
-- Made by `stack-deploy lua types`; changes go to the registry of host functions.

---Digests of text.
---@class hash
hash = {}

---SHA-256 as hexadecimal digits.
---@param text string What is hashed, in UTF-8.
---@return string
function hash.sha256(text) end

---SHA-1 as hexadecimal digits, for what others ask for; it protects nothing.
---@param text string What is hashed, in UTF-8.
---@return string
function hash.sha1(text) end

---HMAC with SHA-256 (RFC 2104) as hexadecimal digits.
---@param key string The secret key, in UTF-8.
---@param text string What is hashed, in UTF-8.
---@return string
function hash.hmac_sha256(key, text) end
