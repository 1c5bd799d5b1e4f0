local t = {}
while true do t[#t + 1] = json.decode("[" .. ("[],"):rep(100000) .. "[]]") end
