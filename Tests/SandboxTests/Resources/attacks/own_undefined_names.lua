for i = 1, 1e9 do pcall(function() return _ENV["name" .. i] end) end
