// `math.random` that a run repeats: seeded by the host, and `math.randomseed` without a seed starts that sequence again.
#include "worker.h"

static lua_CFunction stock_seed;
static char seed_key;  // in the registry: `math.randomseed`
static lua_Integer host_seed[2];

static int seed(lua_State *L) {
  if (lua_isnone(L, 1)) {
    lua_pushinteger(L, host_seed[0]);
    lua_pushinteger(L, host_seed[1]);
  }
  return stock_seed(L);
}

void library_math_seed(lua_State *L, lua_Integer low, lua_Integer high) {
  host_seed[0] = low;
  host_seed[1] = high;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &seed_key);
  lua_call(L, 0, 0);
}

void library_math(lua_State *L, lua_Integer seed_low, lua_Integer seed_high) {
  lua_getfield(L, -1, "randomseed");
  stock_seed = lua_tocfunction(L, -1);
  // The generator's state, which the stock function finds as its first upvalue.
  lua_getupvalue(L, -1, 1);
  lua_pushcclosure(L, seed, 1);
  lua_remove(L, -2);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &seed_key);
  lua_setfield(L, -2, "randomseed");
  library_math_seed(L, seed_low, seed_high);
}
