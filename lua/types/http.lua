---@meta
-- Made by `stack-deploy lua types`; changes go to the registry of host functions.

---Requests to tasks of the run's own applications, and to hosts that are granted.
---@class http
http = {}

---Asks for what is at a URL. Every status is an answer; an error is raised only where there is none.
---@param url string Such as `http://HOST:PORT/PATH`, percent-encoded, without user and password.
---@param options? HTTPOptions What else.
---@return HTTPAnswer
function http.get(url, options) end

---As `http.get`, but returns nil and the error instead of raising it.
---@param url string Such as `http://HOST:PORT/PATH`, percent-encoded, without user and password.
---@param options? HTTPOptions What else.
---@return HTTPAnswer?
---@return HostError?
function http.try_get(url, options) end

---Sends something to a URL. Where a server is killed while it is on its way, nobody can tell whether it came there: the run is blocked until a person decides, unless it is `idempotent`.
---@param url string Such as `http://HOST:PORT/PATH`, percent-encoded, without user and password.
---@param options? HTTPPostOptions What else.
---@return HTTPAnswer
function http.post(url, options) end

---As `http.post`, but returns nil and the error instead of raising it.
---@param url string Such as `http://HOST:PORT/PATH`, percent-encoded, without user and password.
---@param options? HTTPPostOptions What else.
---@return HTTPAnswer?
---@return HostError?
function http.try_post(url, options) end

---Puts something at a URL. It may be sent twice, where a server is killed.
---@param url string Such as `http://HOST:PORT/PATH`, percent-encoded, without user and password.
---@param options? HTTPPutOptions What else.
---@return HTTPAnswer
function http.put(url, options) end

---As `http.put`, but returns nil and the error instead of raising it.
---@param url string Such as `http://HOST:PORT/PATH`, percent-encoded, without user and password.
---@param options? HTTPPutOptions What else.
---@return HTTPAnswer?
---@return HostError?
function http.try_put(url, options) end

---Removes what is at a URL. It may be sent twice, where a server is killed.
---@param url string Such as `http://HOST:PORT/PATH`, percent-encoded, without user and password.
---@param options? HTTPPutOptions What else.
---@return HTTPAnswer
function http.delete(url, options) end

---As `http.delete`, but returns nil and the error instead of raising it.
---@param url string Such as `http://HOST:PORT/PATH`, percent-encoded, without user and password.
---@param options? HTTPPutOptions What else.
---@return HTTPAnswer?
---@return HostError?
function http.try_delete(url, options) end

---Any of the others, or another method, which counts as `post` does.
---@param method string Such as `GET` or `PATCH`.
---@param url string Such as `http://HOST:PORT/PATH`, percent-encoded, without user and password.
---@param options? HTTPPostOptions What else.
---@return HTTPAnswer
function http.request(method, url, options) end

---As `http.request`, but returns nil and the error instead of raising it.
---@param method string Such as `GET` or `PATCH`.
---@param url string Such as `http://HOST:PORT/PATH`, percent-encoded, without user and password.
---@param options? HTTPPostOptions What else.
---@return HTTPAnswer?
---@return HostError?
function http.try_request(method, url, options) end
