// `table.sort` without a look at the clock.
//
// It follows ltablib.c of Lua 5.4.4 step by step, so that it gives the same order of equal elements, calls the order function with the same
// pairs and raises the same errors. There the pivot of a range that was divided badly comes from the time; here from a fixed sequence.
// ltablib.c: Copyright © 1994–2022 Lua.org, PUC-Rio, under the MIT license (https://www.lua.org/license.html).
#include "worker.h"

#include <limits.h>

// Places of the table that is sorted. Each range is sorted in a loop, its smaller part by a call.
typedef unsigned int place;

enum { middle_is_pivot_up_to = 100 };

struct sorting {
  lua_State *L;
  uint64_t sequence;
};

static place next_random(struct sorting *sorting) {
  // splitmix64, started anew for each sort.
  uint64_t value = sorting->sequence += UINT64_C(0x9E3779B97F4A7C15);
  value = (value ^ value >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  value = (value ^ value >> 27) * UINT64_C(0x94D049BB133111EB);
  return (place)(value ^ value >> 31);
}

/// Whether the value at `a` comes before the one at `b`.
static bool is_before(lua_State *L, int a, int b) {
  if (lua_isnil(L, 2)) return lua_compare(L, a, b, LUA_OPLT);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, a - 1);
  lua_pushvalue(L, b - 2);
  lua_call(L, 2, 1);
  bool result = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return result;
}

/// Stores the two values on the top.
static void set_two(lua_State *L, place i, place j) {
  lua_seti(L, 1, i);
  lua_seti(L, 1, j);
}

/// Pushes the values at two places and brings them into order; they are popped.
static void order_two(lua_State *L, place low, place high) {
  lua_geti(L, 1, low);
  lua_geti(L, 1, high);
  if (is_before(L, -1, -2)) set_two(L, low, high);
  else lua_pop(L, 2);
}

/// Divides low…high around the pivot, which lies on the top and at high - 1. Returns its new place.
static place divide(lua_State *L, place low, place high) {
  place i = low, j = high - 1;
  while (true) {
    while (lua_geti(L, 1, ++i), is_before(L, -1, -2)) {
      if (i == high - 1) luaL_error(L, "invalid order function for sorting");
      lua_pop(L, 1);
    }
    while (lua_geti(L, 1, --j), is_before(L, -3, -1)) {
      if (j < i) luaL_error(L, "invalid order function for sorting");
      lua_pop(L, 1);
    }
    if (j < i) {
      lua_pop(L, 1);
      set_two(L, high - 1, i);
      return i;
    }
    set_two(L, i, j);
  }
}

static place choose_pivot(place low, place high, place random) {
  place quarter = (high - low) / 4;
  return random % (quarter * 2) + (low + quarter);
}

static void sort(struct sorting *sorting, place low, place high, place random) {
  lua_State *L = sorting->L;
  while (low < high) {
    order_two(L, low, high);
    if (high - low == 1) return;
    place pivot = high - low < middle_is_pivot_up_to || random == 0 ? low + (high - low) / 2 : choose_pivot(low, high, random);
    lua_geti(L, 1, pivot);
    lua_geti(L, 1, low);
    if (is_before(L, -2, -1)) {
      set_two(L, pivot, low);
    } else {
      lua_pop(L, 1);
      lua_geti(L, 1, high);
      if (is_before(L, -1, -2)) set_two(L, pivot, high);
      else lua_pop(L, 2);
    }
    if (high - low == 2) return;
    lua_geti(L, 1, pivot);
    lua_pushvalue(L, -1);
    lua_geti(L, 1, high - 1);
    set_two(L, pivot, high - 1);
    pivot = divide(L, low, high);
    place size;
    if (pivot - low < high - pivot) {
      sort(sorting, low, pivot - 1, random);
      size = pivot - low;
      low = pivot + 1;
    } else {
      sort(sorting, pivot + 1, high, random);
      size = high - pivot;
      high = pivot - 1;
    }
    if ((high - low) / 128 > size) random = next_random(sorting);
  }
}

static int sort_table(lua_State *L) {
  if (lua_type(L, 1) != LUA_TTABLE) {
    // What behaves as a table is taken as one.
    bool behaves = lua_getmetatable(L, 1) && luaL_getmetafield(L, 1, "__index") != LUA_TNIL &&
                   luaL_getmetafield(L, 1, "__newindex") != LUA_TNIL && luaL_getmetafield(L, 1, "__len") != LUA_TNIL;
    if (!behaves) luaL_checktype(L, 1, LUA_TTABLE);
  }
  lua_Integer count = luaL_len(L, 1);
  if (count < 2) return 0;
  luaL_argcheck(L, count < INT_MAX, 1, "array too big");
  if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  struct sorting sorting = {.L = L, .sequence = 0};
  luaL_checkstack(L, 40, "");
  sort(&sorting, 1, (place)count, 0);
  return 0;
}

void library_table(lua_State *L) {
  lua_pushcfunction(L, sort_table);
  lua_setfield(L, -2, "sort");
}
