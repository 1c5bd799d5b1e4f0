// The functions of the base library that look behind read-only tables, or must not show addresses or switch on what crashes this Lua.
#include "worker.h"

#include <string.h>

const char *push_text_of(lua_State *L, int index) {
  index = lua_absindex(L, index);
  int type = lua_type(L, index);
  bool has_address = type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TUSERDATA || type == LUA_TTHREAD;
  if (type == LUA_TLIGHTUSERDATA) return lua_pushstring(L, json_is_null(L, index) ? "null" : "stopped");
  if (!has_address) return luaL_tolstring(L, index, NULL);
  if (luaL_callmeta(L, index, "__tostring")) {
    if (!lua_isstring(L, -1)) luaL_error(L, "'__tostring' must return a string");
    return lua_tostring(L, -1);
  }
  if (luaL_getmetafield(L, index, "__name") == LUA_TSTRING) return lua_tostring(L, -1);
  return lua_pushstring(L, lua_typename(L, type));
}

static int text_of(lua_State *L) {
  luaL_checkany(L, 1);
  push_text_of(L, 1);
  return 1;
}

static int raw_get(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  push_behind(L, 1);
  lua_pushvalue(L, 2);
  lua_rawget(L, 3);
  return 1;
}

static int raw_set(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  luaL_checkany(L, 3);
  if (is_read_only(L, 1)) return luaL_error(L, "the table is read-only");
  lua_settop(L, 3);
  lua_rawset(L, 1);
  return 1;
}

static int raw_length(lua_State *L) {
  int type = lua_type(L, 1);
  luaL_argexpected(L, type == LUA_TTABLE || type == LUA_TSTRING, 1, "table or string");
  if (type == LUA_TTABLE) push_behind(L, 1);
  else lua_pushvalue(L, 1);
  lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
  return 1;
}

static void refuse_metamethod(lua_State *L, const char *name) {
  lua_pushstring(L, name);
  if (lua_rawget(L, 2) != LUA_TNIL) luaL_error(L, "'%s' is not available to scripts", name);
  lua_pop(L, 1);
}

static int set_metatable(lua_State *L) {
  int type = lua_type(L, 2);
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
  if (type == LUA_TTABLE) {
    // Finalisers run whenever, with hooks off; a weak table as a metatable crashes this Lua.
    refuse_metamethod(L, "__gc");
    refuse_metamethod(L, "__mode");
  }
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) return luaL_error(L, "cannot change a protected metatable");
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

void library_base(lua_State *L) {
  static const char *const removed[] = {"collectgarbage", "dofile", "load", "loadfile", "print", "warn"};
  static const luaL_Reg replaced[] = {
      {"tostring", text_of},      {"rawget", raw_get},           {"rawset", raw_set},
      {"rawlen", raw_length},     {"setmetatable", set_metatable}, {NULL, NULL},
  };
  for (size_t i = 0; i < sizeof removed / sizeof *removed; i++) {
    lua_pushnil(L);
    lua_setfield(L, -2, removed[i]);
  }
  luaL_setfuncs(L, replaced, 0);
}
