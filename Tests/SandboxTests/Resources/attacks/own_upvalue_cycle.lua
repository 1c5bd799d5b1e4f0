local all = {}
while true do local a, b a = function() return b end b = function() return a end all[#all + 1] = a end
