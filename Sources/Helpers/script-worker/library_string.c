// `string.format` without addresses, `string.rep` without a loop over nothing, no `string.dump`; the metatable of strings is locked.
#include "worker.h"

#include <string.h>

static lua_CFunction stock_format, stock_repeat;

/// Replaces the argument of a `%p` by one that has no address, and that of a `%s` by its text where the text would show one.
static void hide_address(lua_State *L, char conversion, int argument) {
  if (argument > lua_gettop(L)) return;  // the stock function says so
  if (conversion == 'p') {
    lua_pushboolean(L, 0);
    lua_replace(L, argument);
  } else if (conversion == 's' && lua_type(L, argument) != LUA_TSTRING) {
    push_text_of(L, argument);
    lua_replace(L, argument);
  }
}

static int format(lua_State *L) {
  int count = lua_gettop(L);
  size_t length;
  const char *next = luaL_checklstring(L, 1, &length), *end = next + length;
  int argument = 1;
  while (next < end) {
    if (*next++ != '%') continue;
    if (next < end && *next == '%') {
      next++;
      continue;
    }
    while (next < end && *next != '\0' && strchr("-+ #0123456789.", *next) != NULL) next++;
    if (next == end) break;
    if (++argument > count) break;
    hide_address(L, *next++, argument);
    lua_settop(L, count);
  }
  return stock_format(L);
}

static int repeat(lua_State *L) {
  size_t length, separator_length;
  luaL_checklstring(L, 1, &length);
  luaL_checkinteger(L, 2);
  luaL_optlstring(L, 3, "", &separator_length);
  if (length > 0 || separator_length > 0) return stock_repeat(L);
  lua_pushliteral(L, "");
  return 1;
}

static lua_CFunction field(lua_State *L, const char *name) {
  lua_getfield(L, -1, name);
  lua_CFunction function = lua_tocfunction(L, -1);
  lua_pop(L, 1);
  return function;
}

void library_string(lua_State *L) {
  stock_format = field(L, "format");
  stock_repeat = field(L, "rep");
  lua_pushcfunction(L, format);
  lua_setfield(L, -2, "format");
  lua_pushcfunction(L, repeat);
  lua_setfield(L, -2, "rep");
  lua_pushnil(L);
  lua_setfield(L, -2, "dump");
  lua_pushliteral(L, "");
  if (lua_getmetatable(L, -1)) {
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}
