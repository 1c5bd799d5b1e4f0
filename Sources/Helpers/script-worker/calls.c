// Host functions: a call is a frame, its answer another one, and the script waits between them.
//
//   {"id":7,"op":"marathon.deploy","args":[…]}      to the host, numbered from 1
//   {"id":7,"ok":…}                                 the result
//   {"id":7,"error":{"code":…,"message":…}}         raised in the script: errors.c
#define _GNU_SOURCE
#include "worker.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static lua_Integer last_call;
static int64_t largest_frame;

static void send_call(lua_State *L, const char *op, int argument_count) {
  struct text *text = text_outgoing(L, (size_t)largest_frame);
  text->op = op;
  char number[48];
  snprintf(number, sizeof number, "{\"id\":%lld,\"op\":", (long long)last_call + 1);
  text_append_string(text, number);
  text_append_quoted(text, op, strlen(op));
  text_append_string(text, ",\"args\":[");
  for (int i = 1; i <= argument_count; i++) {
    if (i > 1) text_append(text, ",", 1);
    text->argument = i;
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
  json_decode(L, bytes, (size_t)length, largest_depth + 2);
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
  error_raise_final(L);
  send_call(L, op, argument_count);
  receive_answer(L);
  if (lua_getfield(L, -1, "error") == LUA_TTABLE) {
    lua_pushstring(L, op);
    lua_setfield(L, -2, "op");
    return error_raise(L);
  }
  // Absence is an answer at the outermost place only.
  lua_getfield(L, -2, "ok");
  if (json_is_null(L, -1)) lua_pushnil(L);
  return 1;
}

void calls_register(lua_State *L, int64_t frame_limit) {
  largest_frame = frame_limit;
  last_call = 0;
  int names = lua_gettop(L);
  lua_newtable(L);
  int functions = names + 1;
  lua_Integer count = luaL_len(L, names);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, names, i);
    const char *name = luaL_checkstring(L, -1);
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, call, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, functions, name);
    environment_add(L, name);
    lua_settop(L, functions);
  }
  lua_replace(L, names);
}
