// Branches of `parallel`: functions that run by turns, each in a coroutine. A branch that calls the host waits, and the others go on meanwhile.
//
//   {"id":7,"op":"time.sleep","args":[…],"at":"a.lua:3","later":true}   a branch's call, which is not answered at once
//   {"op":"await"}                                                      all branches wait: the host sends one answer, whichever comes first
//
// Everything else follows from the order of those answers: which branch goes on, what it calls next, and so the numbers of calls.
#define _GNU_SOURCE
#include "worker.h"

#include <string.h>
#include <unistd.h>

enum { most_branches = 100, nobody = -1 };

struct branch {
  lua_State *thread;
  lua_Integer call;  // the number of the call that it waits for; 0: none
  int failed;        // its place among the branches that have failed, from 1; 0: it has not
};

static struct {
  struct branch branches[most_branches];
  int count, current, failures;
  bool is_running;
  lua_Integer delivered;  // the number of the call whose answer a branch is given just now
  struct trace trace;     // where the first branch has failed
} parallel = {.current = nobody};

const char parallel_left_open[] = "a parallel was left while calls of its branches were open";

static char error_key;  // in the registry: the error that belongs to the trace

void parallel_reset(void) {
  memset(&parallel, 0, sizeof parallel);
  parallel.current = nobody;
}

bool parallel_is_running(void) { return parallel.is_running; }

bool parallel_has_branch(lua_State *thread) {
  for (int i = 0; i < parallel.count; i++)
    if (parallel.branches[i].thread == thread) return true;
  return false;
}

bool parallel_has_open_calls(void) {
  for (int i = 0; i < parallel.count; i++)
    if (parallel.branches[i].call != 0) return true;
  return false;
}

bool parallel_can_wait(lua_State *L) {
  return parallel.current != nobody && parallel.branches[parallel.current].thread == L && lua_isyieldable(L);
}

int parallel_wait(lua_State *L, lua_Integer call, lua_KFunction then) {
  parallel.branches[parallel.current].call = call;
  return lua_yieldk(L, 0, (lua_KContext)call, then);
}

void parallel_check_delivered(lua_State *L, lua_KContext call) {
  // A coroutine that was left when its script had to stop, and that the script resumes by itself.
  if (parallel.current == nobody || parallel.delivered != (lua_Integer)call) luaL_error(L, "the call is not waited for any more");
  parallel.delivered = 0;
}

// MARK: a branch

static void note_failure(struct branch *branch) {
  if (branch->failed == 0) branch->failed = ++parallel.failures;
}

static int keep_failure(lua_State *L) {
  if (parallel.current == nobody) return 1;
  struct branch *branch = &parallel.branches[parallel.current];
  note_failure(branch);
  if (branch->failed == 1) trace_record(L, &parallel.trace);
  return 1;
}

/// Returns whether the function ended well, and its first result or its error.
static int branch_ended(lua_State *L, int status, lua_KContext context) {
  (void)context;
  bool is_fine = status == LUA_OK || status == LUA_YIELD;
  if (!is_fine && parallel.current != nobody) note_failure(&parallel.branches[parallel.current]);
  lua_pushboolean(L, is_fine);
  lua_insert(L, -2);
  return 2;
}

/// Calls the function at 1. Within `pcall`, so that what it has to close is closed when it fails.
static int run_branch(lua_State *L) {
  lua_settop(L, 1);
  lua_pushcfunction(L, keep_failure);
  lua_insert(L, 1);
  return branch_ended(L, lua_pcallk(L, 0, 1, 1, 0, branch_ended), 0);
}

// MARK: all of them

enum { list_at = 1, threads_at, results_at, errors_at };

/// Lets a branch run, with what lies on the top, until it waits or ends.
static void go_on(lua_State *L, int index, int argument_count) {
  struct branch *branch = &parallel.branches[index];
  branch->call = 0;
  parallel.current = index;
  int count = thread_resume(L, branch->thread, argument_count);
  parallel.current = nobody;
  // One that ends all calls for good is not kept waiting by the branches that have not met it.
  error_raise_final(L);
  if (count < 0) {
    note_failure(branch);
    lua_rawseti(L, errors_at, index + 1);
  } else if (lua_status(branch->thread) != LUA_YIELD) {
    lua_rawseti(L, lua_toboolean(L, -2) ? results_at : errors_at, index + 1);
    lua_pop(L, 1);
  } else {
    lua_pop(L, count);
  }
}

static int find_waiting(lua_Integer call) {
  for (int i = 0; i < parallel.count; i++)
    if (parallel.branches[i].call == call) return i;
  return nobody;
}

static void deliver_next(lua_State *L) {
  static const char await[] = "{\"op\":\"await\"}";
  frame_write(await, sizeof await - 1, NULL, 0);
  lua_Integer call = answer_receive(L);
  int index = call > 0 ? find_waiting(call) : nobody;
  if (index == nobody) _exit(exit_host);
  parallel.delivered = call;
  go_on(L, index, 1);
}

/// With the list of functions: runs them all to their ends. Returns the first result of each by its place, and the branches that failed
/// in the order in which they did: `{ branch = …, error = … }`.
static int run(lua_State *L) {
  int count = (int)lua_rawlen(L, list_at);
  luaL_checkstack(L, 10, NULL);
  lua_createtable(L, count, 0);
  lua_createtable(L, count, 1);
  lua_createtable(L, 0, 0);
  for (int i = 0; i < count; i++) {
    lua_State *thread = lua_newthread(L);
    lua_rawseti(L, threads_at, i + 1);
    lua_pushcfunction(thread, run_branch);
    lua_rawgeti(L, list_at, i + 1);
    parallel.branches[i] = (struct branch){.thread = thread};
    parallel.count = i + 1;
    go_on(L, i, 1);
  }
  while (parallel_has_open_calls()) deliver_next(L);
  lua_pushinteger(L, count);
  lua_setfield(L, results_at, "n");
  lua_createtable(L, parallel.failures, 0);
  for (int i = 0; i < count; i++) {
    if (parallel.branches[i].failed == 0) continue;
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, i + 1);
    lua_setfield(L, -2, "branch");
    lua_rawgeti(L, errors_at, i + 1);
    if (parallel.branches[i].failed == 1) {
      lua_pushvalue(L, -1);
      lua_rawsetp(L, LUA_REGISTRYINDEX, &error_key);
    }
    lua_setfield(L, -2, "error");
    lua_rawseti(L, -2, parallel.branches[i].failed);
  }
  lua_replace(L, errors_at);
  lua_settop(L, errors_at);
  return 2;
}

int parallel_run(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  if (parallel.is_running) {
    lua_pushliteral(L, "is called by a branch of another parallel: the branches of one are functions that do not call it");
    return error_raise_invalid(L, "parallel");
  }
  if (parallel_has_open_calls()) return luaL_error(L, "%s", parallel_left_open);
  if (lua_rawlen(L, 1) > most_branches) return luaL_error(L, "more than %d branches", (int)most_branches);
  parallel_reset();
  parallel.is_running = true;
  lua_pushcfunction(L, run);
  lua_insert(L, 1);
  int status = lua_pcall(L, 1, 2, 0);
  parallel.is_running = false;
  if (status != LUA_OK) return lua_error(L);
  // Nothing waits any more: a coroutine that still has the thread of a branch has a dead one.
  parallel.count = 0;
  return 2;
}

void parallel_prepend_trace(lua_State *L, int error, struct trace *trace) {
  error = lua_absindex(L, error);
  if (parallel.trace.lines[0] == '\0') return;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &error_key);
  bool is_same = !lua_isnil(L, -1) && lua_rawequal(L, -1, error);
  lua_pop(L, 1);
  if (is_same) trace_prepend(trace, &parallel.trace);
}
