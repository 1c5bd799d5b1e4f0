---@meta
-- Made by `stack-deploy lua types`; changes go to the registry of host functions.

---JSON documents that outlive the run, in the namespace of its stack, on whatever store the server has.
---@class cassandra
cassandra = {}

---Keeps a document in the namespace of the run's stack, in place of the one that has the key. It is there in later runs, in all zones, and when the stack's applications are removed; it goes when the stack is removed from the store. A stack has at most 100,000; one more raises `denied`.
---@param key string 1 to 512 bytes of UTF-8 without control characters, such as `web/active`.
---@param value JSONValue Anything that JSON has, but nil; at most 256 KiB of JSON.
---@param options? { ttl?: Duration } `ttl` says for how long it is there, from `1s` to `175200h` (20 years).
function cassandra.put(key, value, options) end

---The document with this key; nil if there is none, or its time is over.
---@param key string 1 to 512 bytes of UTF-8 without control characters, such as `web/active`.
---@return JSONValue?
function cassandra.get(key) end

---Removes a document. False if there was none.
---@param key string 1 to 512 bytes of UTF-8 without control characters, such as `web/active`.
---@return boolean
function cassandra.delete(key) end

---The keys of the stack's documents that begin with a prefix, sorted by their bytes. More than 1,000 raise `invalid_argument`, unless `limit` asks for a part of them.
---@param prefix? string What the keys begin with; all keys if left out. Default: `""`.
---@param options? { limit?: integer, after?: string } For a list in parts: `limit` keys (1 to 1,000), and only those behind `after`.
---@return string[]
function cassandra.list(prefix, options) end
