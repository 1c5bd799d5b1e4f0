pcall(require, "endless")
