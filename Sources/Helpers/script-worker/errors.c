// Errors of the host, as scripts see them: a table with `code`, `op`, `message`, `retryable`, and where there are any `details` and `cause`.
// Its metatable is locked, and its text is one line that begins with the script's place.
#define _GNU_SOURCE
#include "worker.h"

#include <string.h>

static char metatable_key;
static char final_key;  // in the registry: the error that every further call raises again

static const char *field(lua_State *L, const char *name) {
  lua_pushstring(L, name);
  lua_rawget(L, 1);
  return lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
}

static int text_of_error(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  const char *at = field(L, "at"), *op = field(L, "op"), *message = field(L, "message"), *cause = field(L, "cause");
  const char *code = field(L, "code");
  // What the script itself says needs no name of a function before it.
  bool has_op = op != NULL && !(code != NULL && strcmp(code, "failed") == 0);
  lua_pushfstring(L, "%s%s%s%s%s%s", at != NULL ? at : "", has_op ? op : "", has_op ? ": " : "", message != NULL ? message : "failed",
                  cause != NULL ? ": " : "", cause != NULL ? cause : "");
  if (strchr(lua_tostring(L, -1), '\n') != NULL) luaL_gsub(L, lua_tostring(L, -1), "\n", " ");
  return 1;
}

static void push_metatable(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, 0, 2);
  lua_pushcfunction(L, text_of_error);
  lua_setfield(L, -2, "__tostring");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &metatable_key);
}

/// Pushes `file:line: ` of the innermost function of the script, or nothing at all as text.
static void push_place(lua_State *L) {
  lua_Debug record;
  if (trace_find(L, &record)) lua_pushfstring(L, "%s:%d: ", record.short_src, record.currentline);
  else lua_pushliteral(L, "");
}

int error_raise(lua_State *L) {
  luaL_checkstack(L, 6, NULL);
  push_place(L);
  lua_setfield(L, -2, "at");
  push_metatable(L);
  lua_setmetatable(L, -2);
  lua_getfield(L, -1, "code");
  const char *code = lua_tostring(L, -1);
  if (code != NULL && (strcmp(code, "budget_exceeded") == 0 || strcmp(code, "cancelled") == 0)) {
    lua_pushvalue(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &final_key);
  }
  lua_pop(L, 1);
  return lua_error(L);
}

int error_raise_invalid(lua_State *L, const char *op) {
  luaL_checkstack(L, 4, NULL);
  lua_createtable(L, 0, 5);
  lua_insert(L, -2);
  lua_setfield(L, -2, "message");
  lua_pushstring(L, op);
  lua_setfield(L, -2, "op");
  lua_pushliteral(L, "invalid_argument");
  lua_setfield(L, -2, "code");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "retryable");
  return error_raise(L);
}

bool error_push_final(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &final_key) == LUA_TTABLE) return true;
  lua_pop(L, 1);
  return false;
}

void error_raise_final(lua_State *L) {
  if (error_push_final(L)) lua_error(L);
}

bool error_is(lua_State *L, int index) {
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return false;
  push_metatable(L);
  bool is_same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return is_same;
}

void error_encode(lua_State *L, int index, struct text *text, bool with_details) {
  static const char *const names[] = {"code", "op", "message", "retryable", "cause", "details"};
  size_t count = sizeof names / sizeof *names - (with_details ? 0 : 1);
  index = lua_absindex(L, index);
  text_append(text, "{", 1);
  for (size_t i = 0, written = 0; i < count; i++) {
    lua_pushstring(L, names[i]);
    if (lua_rawget(L, index) != LUA_TNIL) {
      if (written++ > 0) text_append(text, ",", 1);
      text_append_quoted(text, names[i], strlen(names[i]));
      text_append(text, ":", 1);
      json_encode(L, -1, text);
    }
    lua_pop(L, 1);
  }
  text_append(text, "}", 1);
}
