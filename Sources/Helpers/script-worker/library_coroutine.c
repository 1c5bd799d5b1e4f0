// `coroutine.resume` and `coroutine.wrap` that tell the budgets whose code runs, so that a coroutine has to stop as well as the main
// thread, and its error cannot be kept by whoever resumed it. No `coroutine.close`: nested in `__close` it crashes this Lua.
#include "worker.h"

enum { deepest_reset = 50 };

static int reset_depth;

static lua_State *check_thread(lua_State *L) {
  lua_State *thread = lua_tothread(L, 1);
  luaL_argexpected(L, thread != NULL, 1, "thread");
  return thread;
}

int thread_resume(lua_State *L, lua_State *thread, int argument_count) {
  if (!lua_checkstack(thread, argument_count)) {
    lua_pushliteral(L, "too many arguments to resume");
    return -1;
  }
  lua_xmove(L, thread, argument_count);
  int count = 0;
  lua_State *previous = budgets_set_running(thread);
  int status = lua_resume(thread, L, argument_count, &count);
  budgets_set_running(previous);
  budgets_check(L);
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_xmove(thread, L, 1);
    return -1;
  }
  if (!lua_checkstack(L, count + 1)) {
    lua_pop(thread, count);
    lua_pushliteral(L, "too many results to resume");
    return -1;
  }
  lua_xmove(thread, L, count);
  return count;
}

/// The same, for a coroutine of the script's: what a branch of `parallel` is resumed with is an answer of the host's.
static int resume_own(lua_State *L, lua_State *thread, int argument_count) {
  if (!parallel_has_branch(thread)) return thread_resume(L, thread, argument_count);
  lua_pushliteral(L, "cannot resume non-suspended coroutine");
  return -1;
}

static int resume(lua_State *L) {
  lua_State *thread = check_thread(L);
  int count = resume_own(L, thread, lua_gettop(L) - 1);
  lua_pushboolean(L, count >= 0);
  int returned = count >= 0 ? count + 1 : 2;
  lua_insert(L, -returned);
  return returned;
}

/// Closes what a failed coroutine has left open, which runs its `__close` functions.
static int reset(lua_State *L, lua_State *thread) {
  if (reset_depth >= deepest_reset) {
    lua_pushliteral(L, "C stack overflow");
    return LUA_ERRERR;
  }
  reset_depth++;
  lua_State *previous = budgets_set_running(thread);
  int status = lua_resetthread(thread);
  budgets_set_running(previous);
  reset_depth--;
  budgets_check(L);
  lua_xmove(thread, L, 1);
  return status;
}

static int call_wrapped(lua_State *L) {
  lua_State *thread = lua_tothread(L, lua_upvalueindex(1));
  int count = resume_own(L, thread, lua_gettop(L));
  if (count >= 0) return count;
  int status = lua_status(thread);
  if (status != LUA_OK && status != LUA_YIELD) status = reset(L, thread);
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int wrap(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *thread = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, thread, 1);
  lua_pushcclosure(L, call_wrapped, 1);
  return 1;
}

// For a script a branch of `parallel` is as the main thread: it is in no coroutine.

static int yield(lua_State *L) {
  if (parallel_has_branch(L)) return luaL_error(L, "attempt to yield from outside a coroutine");
  return lua_yield(L, lua_gettop(L));
}

static int is_yieldable(lua_State *L) {
  lua_State *thread = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
  lua_pushboolean(L, lua_isyieldable(thread) && !parallel_has_branch(thread));
  return 1;
}

void library_coroutine(lua_State *L) {
  static const luaL_Reg replaced[] = {
      {"resume", resume}, {"wrap", wrap}, {"yield", yield}, {"isyieldable", is_yieldable}, {NULL, NULL},
  };
  reset_depth = 0;
  luaL_setfuncs(L, replaced, 0);
  lua_pushnil(L);
  lua_setfield(L, -2, "close");
}
