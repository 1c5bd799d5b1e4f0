while true do pcall(print, table.unpack({}, 1, 200000)) end
