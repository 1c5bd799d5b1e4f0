// `pairs` and `next` in the order of order.c.
#include "worker.h"

// MARK: pairs

enum { pairs_table = 1, pairs_keys, pairs_prefix, pairs_position };

/// Goes on to the next key that still has a value.
static int step(lua_State *L) {
  lua_Integer prefix = lua_tointeger(L, lua_upvalueindex(pairs_prefix));
  lua_Integer position = lua_tointeger(L, lua_upvalueindex(pairs_position));
  int type = LUA_TNIL;
  do {
    lua_settop(L, 0);
    position++;
    if (position <= prefix) lua_pushinteger(L, position);
    else if (lua_rawgeti(L, lua_upvalueindex(pairs_keys), position - prefix) == LUA_TNIL) break;
    lua_pushvalue(L, 1);
    type = lua_rawget(L, lua_upvalueindex(pairs_table));
  } while (type == LUA_TNIL);
  lua_pushinteger(L, position);
  lua_replace(L, lua_upvalueindex(pairs_position));
  return type == LUA_TNIL ? 1 : 2;
}

static int pairs_continuation(lua_State *L, int status, lua_KContext context) {
  (void)L, (void)status, (void)context;
  return 3;
}

static int ordered_pairs(lua_State *L) {
  luaL_checkany(L, 1);
  if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
    lua_pushvalue(L, 1);
    lua_callk(L, 1, 3, 0, pairs_continuation);
    return 3;
  }
  if (lua_type(L, 1) != LUA_TTABLE) {
    // As in stock Lua, where the error comes from `next` when it is called.
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
  }
  push_behind(L, 1);
  lua_Integer prefix = order_push_keys(L, -1);
  lua_pushinteger(L, prefix);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, step, 4);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

// MARK: next

// `next` has no place for its state but the key. So the keys of the tables that it walked last are kept; the fifth table's take the place
// of the oldest. Whether they are there makes a difference in time alone, and in what is seen of a table that changes meanwhile.
enum { walk_count = 4 };

struct walks {
  lua_Integer prefix[walk_count];
  int next_victim;
};

// Upvalues: the userdata above, and a table with table and keys of each walk.
enum { next_walks = 1, next_tables };

static int find_walk(lua_State *L, int table) {
  for (int walk = 0; walk < walk_count; walk++) {
    lua_rawgeti(L, lua_upvalueindex(next_tables), 2 * walk + 1);
    bool is_same = lua_rawequal(L, -1, table);
    lua_pop(L, 1);
    if (is_same) return walk;
  }
  return -1;
}

static void forget_walk(lua_State *L, int walk) {
  for (int i = 1; i <= 2; i++) {
    lua_pushboolean(L, 0);
    lua_rawseti(L, lua_upvalueindex(next_tables), 2 * walk + i);
  }
}

static int make_walk(lua_State *L, struct walks *walks, int table) {
  lua_Integer prefix = order_push_keys(L, table);
  int walk = walks->next_victim;
  walks->next_victim = (walk + 1) % walk_count;
  walks->prefix[walk] = prefix;
  lua_rawseti(L, lua_upvalueindex(next_tables), 2 * walk + 2);
  lua_pushvalue(L, table);
  lua_rawseti(L, lua_upvalueindex(next_tables), 2 * walk + 1);
  return walk;
}

/// Where the key at 2 stands: in the prefix as it is, behind it in the list of keys at 4. 0: the list does not know it.
static lua_Integer position_of(lua_State *L, lua_Integer prefix) {
  if (lua_isinteger(L, 2)) {
    lua_Integer key = lua_tointeger(L, 2);
    if (key >= 1 && key <= prefix) return key;
  }
  bool found;
  lua_Integer place = order_find(L, 4, 2, &found);
  return found ? prefix + place : 0;
}

static int ordered_next(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  push_behind(L, 1);  // at 3
  struct walks *walks = lua_touserdata(L, lua_upvalueindex(next_walks));
  int walk = find_walk(L, 3);
  if (lua_isnil(L, 2)) {
    if (walk >= 0) forget_walk(L, walk);
    order_push_first(L, 3);
    if (lua_isnil(L, -1)) return 1;
    lua_pushvalue(L, -1);
    lua_rawget(L, 3);
    return 2;
  }
  bool is_fresh = walk < 0;
  if (is_fresh) walk = make_walk(L, walks, 3);
  lua_rawgeti(L, lua_upvalueindex(next_tables), 2 * walk + 2);  // at 4
  lua_Integer prefix = walks->prefix[walk], position = position_of(L, prefix);
  if (position == 0 && !is_fresh) {
    // The table has got the key since.
    forget_walk(L, walk);
    walk = make_walk(L, walks, 3);
    lua_rawgeti(L, lua_upvalueindex(next_tables), 2 * walk + 2);
    lua_replace(L, 4);
    prefix = walks->prefix[walk];
    position = position_of(L, prefix);
  }
  if (position == 0) {
    // A key that was cleared meanwhile: what comes after its place.
    bool found;
    position = prefix + order_find(L, 4, 2, &found) - 1;
  }
  while (true) {
    lua_settop(L, 4);
    position++;
    if (position <= prefix) lua_pushinteger(L, position);
    else if (lua_rawgeti(L, 4, position - prefix) == LUA_TNIL) break;
    lua_pushvalue(L, 5);
    if (lua_rawget(L, 3) != LUA_TNIL) return 2;
  }
  return 1;
}

void library_iteration(lua_State *L) {
  struct walks *walks = lua_newuserdatauv(L, sizeof *walks, 0);
  *walks = (struct walks){.next_victim = 0};
  lua_createtable(L, 2 * walk_count, 0);
  for (int i = 1; i <= 2 * walk_count; i++) {
    lua_pushboolean(L, 0);
    lua_rawseti(L, -2, i);
  }
  lua_pushcclosure(L, ordered_next, 2);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "next");
  lua_pushcclosure(L, ordered_pairs, 1);
  lua_setfield(L, -2, "pairs");
}
