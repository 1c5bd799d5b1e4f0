// The order in which scripts see the keys of a table: 1 to n as far as there is no gap, then numbers, strings by their bytes, false and
// true. Stock Lua's order follows the addresses and the hash seed of the process, so a script run again would go another way.
#include "worker.h"

#include <string.h>

enum rank { rank_number, rank_string, rank_boolean, rank_other };

// Small, because a large table has many: they count as the script's memory.
struct key {
  union {
    lua_Integer integer;  // the boolean, too
    double number;
    const char *bytes;
  };
  uint32_t length;  // of the bytes; the memory limit is far below
  uint32_t place;   // in the table that keeps the key alive
  uint8_t rank;
  bool is_integer;
};

static struct key key_at(lua_State *L, int index) {
  struct key key = {.rank = rank_other};
  size_t length;
  switch (lua_type(L, index)) {
    case LUA_TNUMBER:
      key.rank = rank_number;
      key.is_integer = lua_isinteger(L, index);
      if (key.is_integer) key.integer = lua_tointeger(L, index);
      else key.number = lua_tonumber(L, index);
      break;
    case LUA_TSTRING:
      key.rank = rank_string;
      key.bytes = lua_tolstring(L, index, &length);
      key.length = (uint32_t)length;
      break;
    case LUA_TBOOLEAN:
      key.rank = rank_boolean;
      key.integer = lua_toboolean(L, index);
      break;
    default: break;
  }
  return key;
}

static int compare_integers(lua_Integer a, lua_Integer b) { return a < b ? -1 : a > b; }

/// A float key is never the value of an integer: Lua makes that an integer key. But a key that is asked for can be.
static int compare_mixed(lua_Integer integer, double number) {
  if (!(number < 0x1p63)) return -1;  // what is no number, too
  if (number < -0x1p63) return 1;
  lua_Integer whole = (lua_Integer)number;  // towards zero
  if (whole != integer) return integer < whole ? -1 : 1;
  return (double)whole < number ? -1 : (double)whole > number;
}

static int compare(const struct key *a, const struct key *b) {
  if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
  switch (a->rank) {
    case rank_number:
      if (a->is_integer && b->is_integer) return compare_integers(a->integer, b->integer);
      if (a->is_integer) return compare_mixed(a->integer, b->number);
      if (b->is_integer) return -compare_mixed(b->integer, a->number);
      return a->number < b->number ? -1 : a->number > b->number;
    case rank_string: {
      int result = memcmp(a->bytes, b->bytes, a->length < b->length ? a->length : b->length);
      return result != 0 ? result : (a->length > b->length) - (a->length < b->length);
    }
    case rank_boolean: return compare_integers(a->integer, b->integer);
    default: return 0;
  }
}

/// Merge sort, because the C library's qsort may ask the system how much memory there is, which the filter answers with the end.
static void sort(struct key *keys, struct key *spare, size_t count) {
  if (count < 2) return;
  size_t half = count / 2;
  sort(keys, spare, half);
  sort(keys + half, spare, count - half);
  if (compare(&keys[half - 1], &keys[half]) <= 0) return;
  memcpy(spare, keys, half * sizeof *keys);
  size_t left = 0, right = half, out = 0;
  while (left < half && right < count) {
    if (compare(&spare[left], &keys[right]) <= 0) keys[out++] = spare[left++];
    else keys[out++] = keys[right++];
  }
  memcpy(keys + out, spare + left, (half - left) * sizeof *keys);
}

static lua_Integer prefix_of(lua_State *L, int table) {
  lua_Integer prefix = 0;
  while (lua_rawgeti(L, table, prefix + 1) != LUA_TNIL) {
    lua_pop(L, 1);
    prefix++;
  }
  lua_pop(L, 1);
  return prefix;
}

static bool is_in_prefix(lua_State *L, int key, lua_Integer prefix) {
  if (!lua_isinteger(L, key)) return false;
  lua_Integer value = lua_tointeger(L, key);
  return value >= 1 && value <= prefix;
}

static int refuse_unordered(lua_State *L) {
  return luaL_error(L, "several keys of this table have no order, because they are tables or functions: keep them in a list beside it");
}

/// Pushes a list of the keys behind the prefix, in the order of the hash.
static lua_Integer push_unsorted(lua_State *L, int table, lua_Integer prefix) {
  lua_newtable(L);
  int keys = lua_gettop(L);
  lua_Integer count = 0, others = 0;
  lua_pushnil(L);
  while (lua_next(L, table)) {
    lua_pop(L, 1);
    if (is_in_prefix(L, -1, prefix)) continue;
    if (key_at(L, -1).rank == rank_other && ++others > 1) refuse_unordered(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, keys, ++count);
  }
  return count;
}

lua_Integer order_push_keys(lua_State *L, int table) {
  table = lua_absindex(L, table);
  luaL_checkstack(L, 8, NULL);
  lua_Integer prefix = prefix_of(L, table);
  lua_Integer count = push_unsorted(L, table, prefix);
  if (count < 2) return prefix;
  int unsorted = lua_gettop(L);
  struct key *keys = lua_newuserdatauv(L, (size_t)count * sizeof *keys, 0);
  struct key *spare = lua_newuserdatauv(L, (size_t)(count / 2) * sizeof *spare, 0);
  for (lua_Integer i = 0; i < count; i++) {
    lua_rawgeti(L, unsorted, i + 1);
    keys[i] = key_at(L, -1);
    keys[i].place = (uint32_t)(i + 1);
    lua_pop(L, 1);
  }
  sort(keys, spare, (size_t)count);
  lua_createtable(L, count <= INT32_MAX ? (int)count : 0, 0);
  for (lua_Integer i = 0; i < count; i++) {
    lua_rawgeti(L, unsorted, keys[i].place);
    lua_rawseti(L, -2, i + 1);
  }
  lua_replace(L, unsorted);
  lua_settop(L, unsorted);
  return prefix;
}

lua_Integer order_find(lua_State *L, int keys, int key, bool *found) {
  struct key wanted = key_at(L, key);
  lua_Integer low = 1, high = (lua_Integer)lua_rawlen(L, keys) + 1;
  while (low < high) {
    lua_Integer middle = low + (high - low) / 2;
    lua_rawgeti(L, keys, middle);
    struct key there = key_at(L, -1);
    lua_pop(L, 1);
    if (compare(&there, &wanted) < 0) low = middle + 1;
    else high = middle;
  }
  lua_rawgeti(L, keys, low);
  *found = lua_rawequal(L, -1, key);
  lua_pop(L, 1);
  return low;
}

void order_push_first(lua_State *L, int table) {
  table = lua_absindex(L, table);
  luaL_checkstack(L, 8, NULL);
  if (lua_rawgeti(L, table, 1) != LUA_TNIL) {
    lua_pop(L, 1);
    lua_pushinteger(L, 1);
    return;
  }
  // The nil that lies there is what is returned for an empty table.
  int best_index = lua_gettop(L);
  struct key best = {.rank = rank_other};
  bool has_best = false, is_doubtful = false;
  lua_pushnil(L);
  while (lua_next(L, table)) {
    lua_pop(L, 1);
    struct key key = key_at(L, -1);
    if (has_best && best.rank == rank_other && key.rank == rank_other) is_doubtful = true;
    if (!has_best || compare(&key, &best) < 0) {
      has_best = true;
      best = key;
      lua_pushvalue(L, -1);
      lua_replace(L, best_index);
    }
  }
  if (best.rank == rank_other && is_doubtful) refuse_unordered(L);
}
