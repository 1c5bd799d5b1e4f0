// Host functions: a call is a frame, its answer another one, and the script waits between them.
//
//   {"id":7,"op":"marathon.deploy","args":[…]}      to the host, numbered from 1
//   {"id":7,"ok":…}                                 the result
//   {"id":7,"error":{"code":…,"message":…}}         raised in the script, as a table with these fields and `op`
#define _GNU_SOURCE
#include "worker.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static lua_Integer last_call;
static int64_t largest_frame;
static char error_metatable_key;
static char final_error_key;

// MARK: errors

/// One line: what was called, and why it failed.
static int text_of_error(lua_State *L) {
  lua_settop(L, 1);
  lua_pushliteral(L, "op");
  lua_rawget(L, 1);
  lua_pushliteral(L, "message");
  lua_rawget(L, 1);
  lua_pushliteral(L, "at");
  lua_rawget(L, 1);
  const char *op = lua_tostring(L, 2), *message = lua_tostring(L, 3), *at = lua_tostring(L, 4);
  lua_pushfstring(L, "%s%s: %s", at != NULL ? at : "", op != NULL ? op : "?", message != NULL ? message : "failed");
  return 1;
}

static void push_error_metatable(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &error_metatable_key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, 0, 2);
  lua_pushcfunction(L, text_of_error);
  lua_setfield(L, -2, "__tostring");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &error_metatable_key);
}

/// Raises the error at the top, a table from the host. Those that end the script are raised again by every further call.
static int raise_host_error(lua_State *L, const char *op) {
  lua_pushstring(L, op);
  lua_setfield(L, -2, "op");
  luaL_where(L, 1);
  lua_setfield(L, -2, "at");
  push_error_metatable(L);
  lua_setmetatable(L, -2);
  lua_getfield(L, -1, "code");
  const char *code = lua_tostring(L, -1);
  if (code != NULL && (strcmp(code, "budget_exceeded") == 0 || strcmp(code, "cancelled") == 0)) {
    lua_pushvalue(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &final_error_key);
  }
  lua_pop(L, 1);
  return lua_error(L);
}

// MARK: a call

static void send_call(lua_State *L, const char *op, int argument_count) {
  struct text *text = text_outgoing(L, (size_t)largest_frame);
  char number[48];
  snprintf(number, sizeof number, "{\"id\":%lld,\"op\":", (long long)last_call + 1);
  text_append_string(text, number);
  text_append_quoted(text, op, strlen(op));
  text_append_string(text, ",\"args\":[");
  for (int i = 1; i <= argument_count; i++) {
    if (i > 1) text_append(text, ",", 1);
    json_encode(L, i, text);
  }
  text_append_string(text, "]}");
  last_call++;
  frame_write(text->bytes, text->length, NULL, 0);
}

/// Pushes the answer's table.
static void receive_answer(lua_State *L) {
  int64_t length = frame_read_length(largest_frame);
  budgets_check(L);
  if (length < 0) _exit(exit_host);
  char *bytes = lua_newuserdatauv(L, (size_t)length, 0);
  bool is_read = frame_read_bytes(bytes, (size_t)length);
  budgets_check(L);
  if (!is_read) _exit(exit_host);
  json_decode(L, bytes, (size_t)length);
  if (!lua_istable(L, -1)) _exit(exit_host);
  lua_getfield(L, -1, "id");
  if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) != last_call) _exit(exit_host);
  lua_pop(L, 1);
}

static int call(lua_State *L) {
  const char *op = lua_tostring(L, lua_upvalueindex(1));
  int argument_count = lua_gettop(L);
  budgets_check(L);
  luaL_checkstack(L, 10, NULL);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &final_error_key) == LUA_TTABLE) return lua_error(L);
  lua_settop(L, argument_count);
  send_call(L, op, argument_count);
  receive_answer(L);
  if (lua_getfield(L, -1, "error") == LUA_TTABLE) return raise_host_error(L, op);
  // Absence is an answer at the outermost place only.
  lua_getfield(L, -2, "ok");
  if (json_is_null(L, -1)) lua_pushnil(L);
  return 1;
}

void calls_register(lua_State *L, int64_t frame_limit) {
  largest_frame = frame_limit;
  last_call = 0;
  int names = lua_gettop(L);
  lua_Integer count = luaL_len(L, names);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, names, i);
    const char *name = luaL_checkstring(L, -1);
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, call, 1);
    environment_add(L, name);
    lua_settop(L, names);
  }
  lua_pop(L, 1);
}
