while true do pcall(table.unpack, {}, 1, 1e7) pcall(select, "#", table.unpack({}, 1, 9e5)) end
