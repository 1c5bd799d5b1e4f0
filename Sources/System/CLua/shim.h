#pragma once
#if !__has_include(<lua.h>)
#error "install the Debian package liblua5.4-dev (scripts/setup build)"
#endif
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>
