// The host's own Lua, which runs before the script and gives functions of the host the form in which scripts have them: methods of handles,
// functions that call back. It comes with the first frame, so this program knows no host function by name.
//
// It is trusted, and what it makes is reachable for scripts; what it is given is not. It is stripped of its lines and names, so that errors
// and traces show the script's.
//
// It returns the context for the script, and, for the file of a stack, a function that takes the file's value: what that returns is the
// value of the invocation. So a stack is declared, or one of its functions called.
#include "worker.h"

#include <string.h>

static int add(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  lua_settop(L, 2);
  environment_add(L, name);
  return 0;
}

static int add_later(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  lua_settop(L, 2);
  environment_add_later(L, name);
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

/// Pushes a file's name and a line, or nothing where a function does not come from a file.
static int push_place(lua_State *L, const lua_Debug *record, int at_line) {
  if (record->source[0] != '@' || at_line <= 0) return 0;
  lua_pushstring(L, record->source + 1);
  lua_pushinteger(L, at_line);
  return 2;
}

/// Where the script is: the file and line of its innermost function.
static int here(lua_State *L) {
  lua_Debug record;
  for (int level = 0; lua_getstack(L, level, &record); level++) {
    lua_getinfo(L, "Sl", &record);
    if (record.currentline > 0) return push_place(L, &record, record.currentline);
  }
  return 0;
}

/// Where a function is defined.
static int defined(lua_State *L) {
  lua_Debug record;
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_getinfo(L, ">S", &record);
  return push_place(L, &record, record.linedefined);
}

static int enter(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

/// A function that calls the given one, which must not yield. In `return f()` Lua drops the caller when it calls Lua, but not when it calls C:
/// so `here` finds it.
static int entry(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_pushcclosure(L, enter, 1);
  return 1;
}

/// A table as it is, whatever its metatable says: up to which number its keys have no gap, a list of the others in their order, and
/// whether it is a list even while it is empty.
static int keys(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  bool is_array = json_is_array(L, 1);
  push_behind(L, 1);
  lua_Integer prefix = order_push_keys(L, 2);
  lua_pushinteger(L, prefix);
  lua_insert(L, -2);
  lua_pushboolean(L, is_array);
  return 3;
}

/// The name among the keys of a table that is most like the given one, or nil.
static int nearest(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const char *name = luaL_checkstring(L, 2);
  lua_settop(L, 2);
  push_behind(L, 1);
  lua_pushstring(L, nearest_name(L, 3, name));
  return 1;
}

/// Has `math.random` begin the sequence of another seed.
static int seed(lua_State *L) {
  library_math_seed(L, luaL_checkinteger(L, 1), luaL_checkinteger(L, 2));
  return 0;
}

/// Puts a function into the table on the top.
static void give(lua_State *L, const char *name, lua_CFunction function) {
  lua_pushcfunction(L, function);
  lua_setfield(L, -2, name);
}

void prelude_run(lua_State *L, int start, const char *source, size_t length) {
  int context = lua_gettop(L), functions = context - 1;
  luaL_checkstack(L, 8, NULL);
  if (length == 0) {
    lua_settop(L, functions - 1);
    lua_pushnil(L);
    lua_pushnil(L);
    return;
  }
  load_stripped(L, source, length);
  lua_createtable(L, 0, 16);
  lua_getfield(L, start, "call");
  if (!json_is_null(L, -1)) lua_setfield(L, -2, "call");
  else lua_pop(L, 1);
  lua_pushvalue(L, functions);
  lua_setfield(L, -2, "functions");
  lua_pushvalue(L, context);
  lua_setfield(L, -2, "context");
  give(L, "add", add);
  give(L, "branches", parallel_run);
  give(L, "defined", defined);
  give(L, "entry", entry);
  give(L, "freeze", freeze_value);
  give(L, "handle", handle_kind);
  give(L, "here", here);
  give(L, "keys", keys);
  give(L, "later", add_later);
  give(L, "line", line);
  give(L, "nearest", nearest);
  give(L, "raise", raise);
  give(L, "reads", reads_of_source);
  give(L, "seed", seed);
  lua_call(L, 1, 2);
  lua_replace(L, context);
  lua_replace(L, functions);
}
