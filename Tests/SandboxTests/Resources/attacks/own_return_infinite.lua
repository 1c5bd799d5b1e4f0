return { 0 / 0, math.huge }
