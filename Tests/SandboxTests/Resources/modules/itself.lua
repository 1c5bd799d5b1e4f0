return require("itself")
