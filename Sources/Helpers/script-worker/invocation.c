// One invocation: frames from the host (what to run with, the source, one for each module), the script, one last frame.
//
//   {"op":"start","chunk":"a.lua","seed":[1,2],"output":true,"result":false,"functions":["marathon.deploy"],
//    "pure":["time.now"],"prelude":"…","context":{…},"modules":["lib.util"],"call":null}
//   the source
//   the source of lib.util
//
//   {"op":"end","value":…}                                                     it ended; the value with "result" only
//   {"op":"error","kind":"syntax"|"runtime","message":…,"at":"a.lua:3","trace":"…"}   it failed; "raised" with an error of the host's
//   {"op":"budget","budget":"cpu"|"memory"|"stopped","at":…,"trace":…}         it had to stop; from budgets.c
#define _GNU_SOURCE
#include "worker.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

enum { longest_message = 8192 };

struct invocation {
  const struct options *options;
  const struct memory *memory;
  bool wants_result;
  struct trace trace;
};

// MARK: what the host sends

/// Pushes the bytes of a frame in a userdata.
static const char *receive(lua_State *L, const struct options *options, size_t *length) {
  int64_t announced = frame_read_length(options->frame_bytes);
  budgets_check(L);
  if (announced < 0) _exit(exit_host);
  char *bytes = lua_newuserdatauv(L, (size_t)announced, 0);
  if (!frame_read_bytes(bytes, (size_t)announced)) _exit(exit_host);
  *length = (size_t)announced;
  return bytes;
}

static bool flag(lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  bool value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

static lua_Integer seed_part(lua_State *L, int table, int part) {
  if (lua_getfield(L, table, "seed") != LUA_TTABLE) _exit(exit_host);
  lua_rawgeti(L, -1, part);
  lua_Integer value = lua_tointeger(L, -1);
  lua_pop(L, 2);
  return value;
}

/// Pushes the script's context, and what takes the script's value, or nil. The prelude is a part of the first frame, which is still needed
/// then.
static void prepare_functions(lua_State *L, int start, int64_t frame_limit) {
  if (lua_getfield(L, start, "functions") != LUA_TTABLE) _exit(exit_host);
  if (lua_getfield(L, start, "pure") != LUA_TTABLE) _exit(exit_host);
  calls_register(L, frame_limit);
  lua_getfield(L, start, "context");
  if (json_is_null(L, -1)) {
    lua_pop(L, 1);
    lua_pushnil(L);
  }
  size_t length;
  if (lua_getfield(L, start, "prelude") != LUA_TSTRING) _exit(exit_host);
  const char *prelude = lua_tolstring(L, -1, &length);
  lua_insert(L, start + 1);  // keeps it
  prelude_run(L, start, prelude, length);
  if (!lua_isnil(L, -2)) {
    lua_pushvalue(L, -2);
    environment_add(L, "ctx");
  }
}

/// Reads the frames, makes the environment, and pushes the context, what takes the script's value, the chunk's name, and its source as
/// userdata.
static void prepare(lua_State *L, struct invocation *invocation) {
  size_t length;
  const char *bytes = receive(L, invocation->options, &length);
  json_decode(L, bytes, length, largest_depth + 2);
  if (!lua_istable(L, -1)) _exit(exit_host);
  lua_replace(L, -2);
  int start = lua_gettop(L);
  invocation->wants_result = flag(L, start, "result");
  const struct surroundings surroundings = {
      .seed = {seed_part(L, start, 1), seed_part(L, start, 2)},
      .has_output = flag(L, start, "output"),
  };
  json_limit(invocation->options->frame_bytes);
  environment_open(L, &surroundings);
  if (lua_getfield(L, start, "modules") != LUA_TTABLE) _exit(exit_host);
  lua_Integer module_count = luaL_len(L, -1);
  modules_open(L);
  prepare_functions(L, start, invocation->options->frame_bytes);
  environment_seal(L);
  if (lua_getfield(L, start, "chunk") != LUA_TSTRING) _exit(exit_host);
  lua_remove(L, start + 1);
  lua_remove(L, start);
  receive(L, invocation->options, &length);
  for (lua_Integer i = 1; i <= module_count; i++) {
    receive(L, invocation->options, &length);
    modules_add(L, i);
  }
}

int chunk_load(lua_State *L, const char *source, size_t length, const char *name) {
  const char *end = source + length;
  if (length >= 3 && memcmp(source, "\xEF\xBB\xBF", 3) == 0) source += 3;
  // The first line may name an interpreter. Its end stays, so that lines are numbered as in the file.
  if (source < end && *source == '#')
    while (source < end && *source != '\n') source++;
  return luaL_loadbufferx(L, source, (size_t)(end - source), name, "t");
}

// MARK: how it ended

static int text_of_value(lua_State *L) {
  if (lua_isstring(L, 1)) return 1;
  if (lua_istable(L, 1) && luaL_getmetafield(L, 1, "__tostring") == LUA_TNIL) lua_pushliteral(L, "the error is a table");
  else push_text_of(L, 1);
  return 1;
}

/// Replaces the error on the top by its text.
static void make_text(lua_State *L) {
  lua_pushcfunction(L, text_of_value);
  lua_insert(L, -2);
  if (lua_pcall(L, 1, 1, 0) != LUA_OK || !lua_isstring(L, -1)) {
    lua_pop(L, 1);
    lua_pushliteral(L, "the error has no text: its __tostring fails");
  }
}

/// `file:line` at the start of a message, as the compiler writes it.
static void place_of_message(const char *message, struct trace *trace) {
  for (const char *colon = strchr(message, ':'); colon != NULL; colon = strchr(colon + 1, ':')) {
    const char *digit = colon + 1;
    while (isdigit((unsigned char)*digit)) digit++;
    if (digit == colon + 1 || *digit != ':') continue;
    size_t length = (size_t)(digit - message);
    if (length >= sizeof trace->at) return;
    memcpy(trace->at, message, length);
    trace->at[length] = '\0';
    return;
  }
}

/// An error of the host's as JSON text, with its details if the second argument says so.
static int encode_raised(lua_State *L) {
  enum { largest_raised = 65536 };
  struct text *text = text_outgoing(L, largest_raised);
  error_encode(L, 1, text, lua_toboolean(L, 2));
  lua_pushlstring(L, text->bytes, text->length);
  return 1;
}

/// Pushes the error on the top as JSON text if it is one of the host's, else nil. A script may have put anything into it.
static void push_raised(lua_State *L) {
  int error = lua_gettop(L);
  for (int with_details = 1; with_details >= 0 && error_is(L, error); with_details--) {
    lua_pushcfunction(L, encode_raised);
    lua_pushvalue(L, error);
    lua_pushboolean(L, with_details);
    if (lua_pcall(L, 2, 1, 0) == LUA_OK) return;
    lua_pop(L, 1);
  }
  lua_pushnil(L);
}

/// Reports the error on the top.
static void report_error(lua_State *L, struct invocation *invocation, const char *kind) {
  luaL_checkstack(L, 10, NULL);
  push_raised(L);
  lua_insert(L, -2);
  make_text(L);
  if (stop_reason() != stop_none) return budgets_report();
  size_t length, raised_length = 0;
  const char *message = lua_tolstring(L, -1, &length), *raised = lua_tolstring(L, -2, &raised_length);
  struct trace *trace = &invocation->trace;
  if (trace->at[0] == '\0') place_of_message(message, trace);
  struct text *text = text_outgoing(L, (size_t)invocation->options->frame_bytes);
  text_append_string(text, "{\"op\":\"error\",\"kind\":");
  text_append_quoted(text, kind, strlen(kind));
  text_append_string(text, ",\"message\":");
  text_append_quoted(text, message, length < longest_message ? length : longest_message);
  text_append_string(text, ",\"at\":");
  text_append_quoted(text, trace->at, strlen(trace->at));
  text_append_string(text, ",\"trace\":");
  text_append_quoted(text, trace->lines, strlen(trace->lines));
  if (raised != NULL) {
    text_append_string(text, ",\"raised\":");
    text_append(text, raised, raised_length);
  }
  text_append_string(text, "}");
  frame_write(text->bytes, text->length, NULL, 0);
}

/// With the result, or nothing, at 1.
static int report_end(lua_State *L) {
  const struct invocation *invocation = lua_touserdata(L, lua_upvalueindex(1));
  struct text *text = text_outgoing(L, (size_t)invocation->options->frame_bytes);
  text_append_string(text, "{\"op\":\"end\",\"value\":");
  if (invocation->wants_result) json_encode(L, 1, text);
  else text_append_string(text, "null");
  text_append_string(text, "}");
  frame_write(text->bytes, text->length, NULL, 0);
  return 0;
}

static int keep_trace(lua_State *L) {
  struct invocation *invocation = lua_touserdata(L, lua_upvalueindex(1));
  trace_record(L, &invocation->trace);
  parallel_prepend_trace(L, 1, &invocation->trace);
  return 1;
}

// MARK: the whole

/// Runs the chunk and what takes its value, so that one value is left, or an error.
static int run(lua_State *L, int context, int finish, int handler) {
  int argument_count = lua_isnil(L, context) ? 0 : 1;
  if (argument_count > 0) lua_pushvalue(L, context);
  int status = lua_pcall(L, argument_count, 1, handler);
  if (status != LUA_OK || stop_reason() != stop_none || lua_isnil(L, finish)) return status;
  lua_pushvalue(L, finish);
  lua_insert(L, -2);
  return lua_pcall(L, 1, 1, handler);
}

static int serve(lua_State *L) {
  enum { invocation_at = 1, context_at, finish_at, name_at, source_at, handler_at };
  struct invocation *invocation = lua_touserdata(L, invocation_at);
  prepare(L, invocation);
  lua_pushlightuserdata(L, invocation);
  lua_pushcclosure(L, keep_trace, 1);
  const char *name = lua_pushfstring(L, "@%s", lua_tostring(L, name_at));
  lua_replace(L, name_at);
  if (chunk_load(L, lua_touserdata(L, source_at), lua_rawlen(L, source_at), name) != LUA_OK) {
    if (stop_reason() != stop_none) return budgets_report(), 0;
    return report_error(L, invocation, "syntax"), 0;
  }
  lua_pushnil(L);
  lua_replace(L, source_at);
  int status = run(L, context_at, finish_at, handler_at);
  // Whoever was refused memory has not asked again (memory.c), nor has anybody else.
  if (invocation->memory->refused_size != 0) budget_memory();
  if (stop_reason() != stop_none) return budgets_report(), 0;
  if (status == LUA_OK && parallel_has_open_calls()) {
    // The host is owed an end that is none: it would take another for that of a script that waits for nothing.
    if (!error_push_final(L)) lua_pushstring(L, parallel_left_open);
    status = LUA_ERRRUN;
  }
  if (status != LUA_OK) return report_error(L, invocation, "runtime"), 0;
  lua_pushlightuserdata(L, invocation);
  lua_pushcclosure(L, report_end, 1);
  lua_insert(L, -2);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
    make_text(L);
    lua_pushfstring(L, "the result of the script cannot be handed over: %s", lua_tostring(L, -1));
    report_error(L, invocation, "runtime");
  }
  return 0;
}

lua_State *invocation_serve(const struct options *options, struct memory *memory) {
  struct invocation invocation = {.options = options, .memory = memory};
  lua_State *L = lua_newstate(memory_allocate, memory);
  if (L == NULL) return NULL;
  budgets_set_running(L);
  // lua_checkstack, lua_pushcfunction and lua_pushlightuserdata raise nothing here: a new state has room.
  lua_pushcfunction(L, serve);
  lua_pushlightuserdata(L, &invocation);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK && stop_reason() != stop_none) budgets_report();
  return L;
}
