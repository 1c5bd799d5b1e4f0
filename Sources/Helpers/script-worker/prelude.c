// The host's own Lua, which runs before the script and gives functions of the host the form in which scripts have them: methods of handles,
// functions that call back. It comes with the first frame, so this program knows no host function by name.
//
// It is trusted, and what it makes is reachable for scripts; what it is given is not. It is stripped of its lines and names, so that errors
// and traces show the script's.
#include "worker.h"

#include <string.h>

static int add(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  lua_settop(L, 2);
  environment_add(L, name);
  return 0;
}

static int freeze_value(lua_State *L) {
  lua_settop(L, 1);
  freeze(L);
  return 1;
}

/// Raises the error whose fields are given.
static int raise(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  return error_raise(L);
}

static void append_text(struct text *text, const char *bytes, size_t length) {
  while (length > 0) {
    size_t valid = 0, size = 0;
    while (valid < length && (size = utf8_sequence((const unsigned char *)bytes + valid, length - valid)) > 0) valid += size;
    text_append(text, bytes, valid);
    if (valid < length) text_append_string(text, "\xEF\xBF\xBD"), valid++;
    bytes += valid;
    length -= valid;
  }
}

/// The arguments' texts with spaces between them, in UTF-8.
static int line(lua_State *L) {
  int count = lua_gettop(L);
  luaL_checkstack(L, 8, NULL);
  // First what may run functions of the script, which may use the one text themselves.
  for (int i = 1; i <= count; i++) {
    push_text_of(L, i);
    lua_replace(L, i);
    lua_settop(L, count);
  }
  struct text *text = text_outgoing(L, SIZE_MAX / 4);
  for (int i = 1; i <= count; i++) {
    size_t length;
    const char *bytes = lua_tolstring(L, i, &length);
    if (i > 1) text_append(text, " ", 1);
    append_text(text, bytes, length);
  }
  lua_pushlstring(L, text->bytes, text->length);
  return 1;
}

static int write_piece(lua_State *L, const void *bytes, size_t length, void *text) {
  (void)L;
  text_append(text, bytes, length);
  return 0;
}

/// Pushes a source as a function without lines and names.
static void load_stripped(lua_State *L, const char *source, size_t length) {
  if (luaL_loadbufferx(L, source, length, "=host", "t") != LUA_OK) lua_error(L);
  struct text *text = text_outgoing(L, SIZE_MAX / 4);
  lua_dump(L, write_piece, text, 1);
  lua_pop(L, 1);
  if (luaL_loadbufferx(L, text->bytes, text->length, "=host", "b") != LUA_OK) lua_error(L);
}

/// Puts a function into the table on the top.
static void give(lua_State *L, const char *name, lua_CFunction function) {
  lua_pushcfunction(L, function);
  lua_setfield(L, -2, name);
}

void prelude_run(lua_State *L, const char *source, size_t length) {
  int context = lua_gettop(L), functions = context - 1;
  luaL_checkstack(L, 8, NULL);
  if (length == 0) {
    lua_pop(L, 2);
    lua_pushnil(L);
    return;
  }
  load_stripped(L, source, length);
  lua_createtable(L, 0, 8);
  lua_pushvalue(L, functions);
  lua_setfield(L, -2, "functions");
  lua_pushvalue(L, context);
  lua_setfield(L, -2, "context");
  give(L, "add", add);
  give(L, "freeze", freeze_value);
  give(L, "handle", handle_kind);
  give(L, "line", line);
  give(L, "raise", raise);
  lua_call(L, 1, 1);
  lua_replace(L, functions);
  lua_settop(L, functions);
}
