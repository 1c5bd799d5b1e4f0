// Host functions: a call is a frame, its answer another one, and the script waits between them. A branch of `parallel` waits by itself:
// see parallel.c.
//
//   {"id":7,"op":"marathon.deploy","args":[…],"at":"a.lua:3"}   to the host, numbered from 1; from which line of the script
//   {"id":7,"ok":…}                                             the result
//   {"id":7,"error":{"code":…,"message":…}}                     raised in the script: errors.c
#define _GNU_SOURCE
#include "worker.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static lua_Integer last_call;
static int64_t largest_frame;

// Upvalues of a function: its name, and whether its answer follows from the call, so that it comes at once in a branch of `parallel`, too.
enum { op_at = 1, pure_at };

/// Where the script is, for the host to tell should nothing more be heard of it.
static void append_place(lua_State *L, struct text *text) {
  lua_Debug record;
  if (!trace_find(L, &record)) return;
  char at[sizeof record.short_src + 16];
  int length = snprintf(at, sizeof at, "%s:%d", record.short_src, record.currentline);
  text_append_string(text, ",\"at\":");
  text_append_quoted(text, at, (size_t)length);
}

static void send_call(lua_State *L, const char *op, int argument_count, bool is_later) {
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
  text_append(text, "]", 1);
  append_place(L, text);
  text_append_string(text, is_later ? ",\"later\":true}" : "}");
  last_call++;
  frame_write(text->bytes, text->length, NULL, 0);
}

lua_Integer answer_receive(lua_State *L) {
  int64_t length = frame_read_length(largest_frame);
  budgets_check(L);
  if (length < 0) _exit(exit_host);
  char *bytes = lua_newuserdatauv(L, (size_t)length, 0);
  bool is_read = frame_read_bytes(bytes, (size_t)length);
  budgets_check_clock(L);
  if (!is_read) _exit(exit_host);
  json_decode(L, bytes, (size_t)length, largest_depth + 2);
  lua_replace(L, -2);
  if (!lua_istable(L, -1)) _exit(exit_host);
  lua_Integer number = lua_getfield(L, -1, "id") == LUA_TNUMBER ? lua_tointeger(L, -1) : 0;
  lua_pop(L, 1);
  return number;
}

/// With the answer on the top.
static int finish(lua_State *L) {
  if (lua_getfield(L, -1, "error") == LUA_TTABLE) {
    lua_pushvalue(L, lua_upvalueindex(op_at));
    lua_setfield(L, -2, "op");
    return error_raise(L);
  }
  // Absence is an answer at the outermost place only.
  lua_getfield(L, -2, "ok");
  if (json_is_null(L, -1)) lua_pushnil(L);
  return 1;
}

static int finish_later(lua_State *L, int status, lua_KContext call) {
  (void)status;
  parallel_check_delivered(L, call);
  return finish(L);
}

static int refuse_to_wait(lua_State *L, const char *op) {
  lua_pushliteral(L, "a branch of parallel cannot wait for an answer in the middle of table.sort, string.gsub, tostring, require, or a "
                     "coroutine of the script");
  return error_raise_invalid(L, op);
}

static int call(lua_State *L) {
  const char *op = lua_tostring(L, lua_upvalueindex(op_at));
  int argument_count = lua_gettop(L);
  budgets_check(L);
  luaL_checkstack(L, 10, NULL);
  error_raise_final(L);
  bool is_pure = lua_toboolean(L, lua_upvalueindex(pure_at)), is_later = !is_pure && parallel_is_running();
  if (is_later && !parallel_can_wait(L)) return refuse_to_wait(L, op);
  if (!is_pure && !is_later && parallel_has_open_calls()) return luaL_error(L, "%s", parallel_left_open);
  send_call(L, op, argument_count, is_later);
  if (is_later) return parallel_wait(L, last_call, finish_later);
  if (answer_receive(L) != last_call) _exit(exit_host);
  return finish(L);
}

void calls_register(lua_State *L, int64_t frame_limit) {
  largest_frame = frame_limit;
  last_call = 0;
  parallel_reset();
  int pure = lua_gettop(L), names = pure - 1, functions = pure + 1;
  lua_newtable(L);
  for (int list = names; list <= pure; list++) {
    lua_Integer count = luaL_len(L, list);
    for (lua_Integer i = 1; i <= count; i++) {
      lua_rawgeti(L, list, i);
      const char *name = luaL_checkstring(L, -1);
      lua_pushvalue(L, -1);
      lua_pushboolean(L, list == pure);
      lua_pushcclosure(L, call, 2);
      lua_pushvalue(L, -1);
      lua_setfield(L, functions, name);
      environment_add(L, name);
      lua_settop(L, functions);
    }
  }
  lua_replace(L, names);
  lua_settop(L, names);
}
