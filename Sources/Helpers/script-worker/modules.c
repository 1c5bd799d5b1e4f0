// `require`: files that the host has sent with the script, each run once, when it is asked for first.
#include "worker.h"

#include <string.h>

static char sources_key, values_key, names_key;  // in the registry
static char loading;                             // its address is the value of a module that runs

enum { most_names = 20 };

static int refuse_unknown(lua_State *L, const char *name) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &names_key);
  int names = lua_gettop(L);
  lua_Integer count = (lua_Integer)lua_rawlen(L, names);
  if (count == 0) return luaL_error(L, "there is no module '%s': no modules came with this script", name);
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  for (lua_Integer i = 1; i <= count && i <= most_names; i++) {
    if (i > 1) luaL_addstring(&buffer, ", ");
    lua_rawgeti(L, names, i);
    luaL_addvalue(&buffer);
  }
  if (count > most_names) luaL_addstring(&buffer, ", …");
  luaL_pushresult(&buffer);
  return luaL_error(L, "there is no module '%s'; there are: %s", name, lua_tostring(L, -1));
}

/// Pushes the file's name as it stands in errors: `@lib/util.lua` of `lib.util`.
static const char *push_chunk_name(lua_State *L, const char *name) {
  luaL_gsub(L, name, ".", "/");
  return lua_pushfstring(L, "@%s.lua", lua_tostring(L, -1));
}

static int require(lua_State *L) {
  enum { name_at = 1, values_at, sources_at };
  const char *name = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &values_key);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &sources_key);
  lua_pushvalue(L, name_at);
  if (lua_rawget(L, values_at) != LUA_TNIL) {
    if (lua_touserdata(L, -1) == &loading)
      return luaL_error(L, "module '%s' is not loaded: it requires itself, or has failed before", name);
    return 1;
  }
  lua_pushvalue(L, name_at);
  if (lua_rawget(L, sources_at) != LUA_TUSERDATA) return refuse_unknown(L, name);
  const char *source = lua_touserdata(L, -1);
  size_t length = lua_rawlen(L, -1);
  const char *chunk = push_chunk_name(L, name);
  lua_pushvalue(L, name_at);
  lua_pushlightuserdata(L, &loading);
  lua_rawset(L, values_at);
  if (chunk_load(L, source, length, chunk) != LUA_OK) return lua_error(L);
  lua_pushvalue(L, name_at);
  lua_call(L, 1, 1);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_pushboolean(L, 1);
  }
  lua_pushvalue(L, name_at);
  lua_pushvalue(L, -2);
  lua_rawset(L, values_at);
  return 1;
}

void modules_open(lua_State *L) {
  lua_rawsetp(L, LUA_REGISTRYINDEX, &names_key);
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &sources_key);
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &values_key);
  lua_pushcfunction(L, require);
  environment_add(L, "require");
}

void modules_add(lua_State *L, lua_Integer index) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &sources_key);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &names_key);
  lua_rawgeti(L, -1, index);
  lua_pushvalue(L, -4);
  lua_rawset(L, -4);
  lua_pop(L, 3);
}

const char *modules_find(lua_State *L, const char *name, size_t *length) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &sources_key);
  lua_pushstring(L, name);
  if (lua_rawget(L, -2) != LUA_TUSERDATA) {
    lua_pop(L, 2);
    return NULL;
  }
  lua_replace(L, -2);
  *length = lua_rawlen(L, -1);
  return lua_touserdata(L, -1);
}
