// `math.random` that a run repeats: seeded by the host, and `math.randomseed` without a seed starts that sequence again.
#include "worker.h"

static lua_CFunction stock_seed;

static int seed(lua_State *L) {
  if (lua_isnone(L, 1)) {
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_pushvalue(L, lua_upvalueindex(3));
  }
  return stock_seed(L);
}

void library_math(lua_State *L, lua_Integer seed_low, lua_Integer seed_high) {
  lua_getfield(L, -1, "randomseed");
  stock_seed = lua_tocfunction(L, -1);
  // The generator's state, which the stock function finds as its first upvalue.
  lua_getupvalue(L, -1, 1);
  lua_pushinteger(L, seed_low);
  lua_pushinteger(L, seed_high);
  lua_pushcclosure(L, seed, 3);
  lua_remove(L, -2);
  lua_pushvalue(L, -1);
  lua_call(L, 0, 0);
  lua_setfield(L, -2, "randomseed");
}
