return json.decode("{" .. ('"a":{"b":[]},'):rep(500000) .. '"z":1}')
