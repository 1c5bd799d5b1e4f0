while true do pcall(uuid) pcall(hash.sha256) pcall(vars.set, {}, {}, {}, {}) end
