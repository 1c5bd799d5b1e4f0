// `json`: values as text and back, without a call to the host.
#include "worker.h"

static char array_key;  // in the registry: the metatable of tables that are lists even when they are empty

static size_t largest_text;

static void push_array_metatable(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, 0, 1);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &array_key);
}

void json_make_array(lua_State *L) {
  luaL_checkstack(L, 3, NULL);
  push_array_metatable(L);
  lua_setmetatable(L, -2);
}

bool json_is_array(lua_State *L, int index) {
  if (!lua_getmetatable(L, index)) return false;
  push_array_metatable(L);
  bool is_same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return is_same;
}

static int encode(lua_State *L) {
  luaL_checkany(L, 1);
  struct text *text = text_outgoing(L, largest_text);
  json_encode(L, 1, text);
  lua_pushlstring(L, text->bytes, text->length);
  return 1;
}

static int decode(lua_State *L) {
  size_t length;
  const char *bytes = luaL_checklstring(L, 1, &length);
  luaL_argcheck(L, length <= largest_text, 1, "the text is too long");
  json_decode(L, bytes, length, largest_depth);
  return 1;
}

static int array(lua_State *L) {
  if (lua_isnoneornil(L, 1)) {
    lua_settop(L, 0);
    lua_newtable(L);
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  if (json_is_array(L, 1)) return 1;
  if (lua_getmetatable(L, 1)) return luaL_argerror(L, 1, "the table has a metatable");
  json_make_array(L);
  return 1;
}

int library_json(lua_State *L) {
  static const luaL_Reg functions[] = {{"encode", encode}, {"decode", decode}, {"array", array}, {NULL, NULL}};
  luaL_newlib(L, functions);
  json_push_null(L);
  lua_setfield(L, -2, "null");
  return 1;
}

void json_limit(int64_t bytes) { largest_text = (size_t)bytes; }
