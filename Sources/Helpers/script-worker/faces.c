// Read-only tables. What a script gets is a face: a table that is empty but for the real one, under a key that no script has. So reading comes
// to `__index`, and writing, to an existing key too, to `__newindex`. The functions that look past metatables (rawget, rawset, next, pairs,
// rawlen, and JSON) know faces and look behind them.
//
// Values of the host's, such as `ctx`, are faces all the way down. A handle is a face with methods.
#include "worker.h"

static char behind_key;  // in a face: the real table
static char data_key;    // in the registry: the metatable of faces of plain data

// MARK: faces

/// Pushes the real table behind the one at `index`; false, and nothing is pushed, where there is none.
static bool find_behind(lua_State *L, int index) {
  if (!lua_istable(L, index)) return false;
  if (!lua_getmetatable(L, index)) return false;
  lua_pop(L, 1);
  index = lua_absindex(L, index);
  if (lua_rawgetp(L, index, &behind_key) == LUA_TTABLE) return true;
  lua_pop(L, 1);
  return false;
}

void push_behind(lua_State *L, int index) {
  index = lua_absindex(L, index);
  if (!find_behind(L, index)) lua_pushvalue(L, index);
}

bool is_read_only(lua_State *L, int index) {
  if (!find_behind(L, index)) return false;
  lua_pop(L, 1);
  return true;
}

void face_put(lua_State *L) {
  lua_createtable(L, 0, 1);
  lua_pushvalue(L, -3);
  lua_rawsetp(L, -2, &behind_key);
  lua_insert(L, -2);
  lua_setmetatable(L, -2);
  lua_replace(L, -2);
}

// MARK: data

/// `__index`: a field, a method, or what a function gives in its place.
static int read_field(lua_State *L) {
  lua_settop(L, 2);
  if (!find_behind(L, 1)) return 0;
  lua_pushvalue(L, 2);
  if (lua_rawget(L, 3) != LUA_TNIL || !lua_istable(L, lua_upvalueindex(1))) return 1;
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL || !lua_isfunction(L, lua_upvalueindex(2))) return 1;
  lua_settop(L, 2);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_insert(L, 1);
  lua_call(L, 2, 1);
  return 1;
}

static int refuse_write(lua_State *L) {
  const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "a field";
  return luaL_error(L, "%s is read-only: cannot set %s", lua_tostring(L, lua_upvalueindex(1)), key);
}

static int length(lua_State *L) {
  push_behind(L, 1);
  lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
  return 1;
}

/// Pushes a metatable for faces that are called `name` in errors; methods and the function for what is missing, or nils, lie on the top and
/// are popped.
static void push_metatable(lua_State *L, const char *name) {
  lua_createtable(L, 0, 6);
  lua_insert(L, -3);
  lua_pushcclosure(L, read_field, 2);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, name);
  lua_pushcclosure(L, refuse_write, 1);
  lua_setfield(L, -2, "__newindex");
  lua_pushcfunction(L, length);
  lua_setfield(L, -2, "__len");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
}

static void push_data_metatable(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &data_key) == LUA_TTABLE) return;
  lua_pushnil(L);
  push_metatable(L, "what comes from the host");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &data_key);
}

/// Freezes what lies in the table on the top.
static void freeze_fields(lua_State *L) {
  luaL_checkstack(L, 8, "nested too deeply");
  int table = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, table)) {
    if (!lua_istable(L, -1)) {
      lua_pop(L, 1);
      continue;
    }
    freeze(L);
    // A field that exists may be set during a traversal.
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, table);
  }
}

void freeze(lua_State *L) {
  if (!lua_istable(L, -1) || is_read_only(L, -1)) return;
  freeze_fields(L);
  push_data_metatable(L);
  face_put(L);
}

// MARK: handles

static int text_of_handle(lua_State *L) {
  push_behind(L, 1);
  lua_pushliteral(L, "id");
  lua_rawget(L, -2);
  const char *id = lua_tostring(L, -1);
  lua_pushfstring(L, "%s %s", lua_tostring(L, lua_upvalueindex(1)), id != NULL ? id : "?");
  return 1;
}

/// What makes a table of the host's a handle; nil and the like stay what they are.
static int wrap(lua_State *L) {
  lua_settop(L, 1);
  if (!lua_istable(L, 1) || is_read_only(L, 1)) return 1;
  freeze_fields(L);
  lua_pushvalue(L, lua_upvalueindex(1));
  face_put(L);
  return 1;
}

int handle_kind(lua_State *L) {
  const char *kind = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 3);
  push_metatable(L, kind);
  lua_pushvalue(L, 1);
  lua_pushcclosure(L, text_of_handle, 1);
  lua_setfield(L, -2, "__tostring");
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, "__name");
  lua_pushcclosure(L, wrap, 1);
  return 1;
}
