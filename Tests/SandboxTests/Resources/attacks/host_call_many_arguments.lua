local many = {}
for i = 1, 200000 do many[i] = i end
print(pcall(hash.sha256, table.unpack(many)), pcall(log.info, table.unpack(many)), pcall(fail, many, many), pcall(retry, many, print))
for i = 1, 100000 do many["key" .. i] = { i } end
many[1] = nil
print(pcall(retry, many, print), pcall(wait_for, many, many, print), pcall(fail, "x", many))
