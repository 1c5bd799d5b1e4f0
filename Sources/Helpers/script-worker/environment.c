// The environment of scripts: the libraries that reach nowhere, read-only, and errors with a hint for what is not there.
#include "worker.h"

#include <string.h>

static char globals_key;  // in the registry: the real table of globals
static char later_key;    // in the registry: what names of later versions give in place of an undefined global

static int refuse_write(lua_State *L) {
  const char *library = lua_tostring(L, lua_upvalueindex(1));
  const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "a field";
  return luaL_error(L, "'%s' is read-only: cannot set %s", library, key);
}

/// Puts a face before the table on the top.
static void make_read_only(lua_State *L, const char *name, lua_CFunction write) {
  lua_createtable(L, 0, 3);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, name);
  lua_pushcclosure(L, write, 1);
  lua_setfield(L, -2, "__newindex");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  face_put(L);
}

// MARK: what is not there

struct hint {
  const char *name, *text;
};

static const struct hint hints[] = {
    {"collectgarbage", "memory is taken care of"},
    {"debug", "scripts have no access to the VM"},
    {"dofile", "scripts reach no files"},
    {"getfenv", "this is Lua 5.4: it is an upvalue named _ENV"},
    {"io", "scripts reach no files"},
    {"load", "scripts cannot make code while they run"},
    {"loadfile", "scripts reach no files"},
    {"loadstring", "scripts cannot make code while they run"},
    {"module", "this is Lua 5.4: return a table"},
    {"newproxy", "this is Lua 5.4"},
    {"os", "scripts do not reach the system"},
    {"package", "scripts reach no files"},
    {"print", "there is no standard output here"},
    {"setfenv", "this is Lua 5.4: it is an upvalue named _ENV"},
    {"unpack", "it is table.unpack"},
    {"warn", "there is no standard error here"},
};

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/// How many letters have to be changed, put in or left out; 99 where a name is too long to care.
static size_t distance(const char *a, const char *b) {
  enum { longest = 32 };
  size_t a_length = strlen(a), b_length = strlen(b), row[longest + 1];
  if (a_length > longest || b_length > longest) return 99;
  for (size_t j = 0; j <= b_length; j++) row[j] = j;
  for (size_t i = 1; i <= a_length; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b_length; j++) {
      size_t above = row[j];
      row[j] = smaller(smaller(above, row[j - 1]) + 1, diagonal + (a[i - 1] != b[j - 1]));
      diagonal = above;
    }
  }
  return row[b_length];
}

const char *nearest_name(lua_State *L, int index, const char *name) {
  const char *best = NULL;
  size_t best_distance = strlen(name) < 4 ? 2 : 3;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING) continue;
    const char *candidate = lua_tostring(L, -1);
    size_t changes = distance(name, candidate);
    if (changes < best_distance || (changes == best_distance && best != NULL && strcmp(candidate, best) < 0)) {
      best = candidate;
      best_distance = changes;
    }
  }
  return best;
}

static int read_undefined(lua_State *L) {
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  const char *name = lua_tostring(L, 2);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &later_key) == LUA_TTABLE) {
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) != LUA_TNIL) return 1;
  }
  for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
    if (strcmp(name, hints[i].name) == 0) return luaL_error(L, "'%s' is not available to scripts: %s", name, hints[i].text);
  const char *other = nearest_name(L, 1, name);
  if (other != NULL) return luaL_error(L, "undefined global '%s': is '%s' meant?", name, other);
  return luaL_error(L, "undefined global '%s': a variable is declared with 'local'", name);
}

static int write_global(lua_State *L) {
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "a field";
  lua_rawgetp(L, LUA_REGISTRYINDEX, &globals_key);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, -2) != LUA_TNIL) return luaL_error(L, "global '%s' is read-only: a variable is declared with 'local'", name);
  return luaL_error(L, "assignment to undefined global '%s': a variable is declared with 'local'", name);
}

// MARK: libraries

/// Makes the table on the top a read-only global.
static void add_sealed(lua_State *L, const char *name) {
  make_read_only(L, name, refuse_write);
  lua_setfield(L, -2, name);
}

static int print(lua_State *L) {
  enum { largest_piece = 60000 };
  budgets_check(L);
  int count = lua_gettop(L), pieces = 0;
  luaL_checkstack(L, 2 * count + 4, "too many values to print");
  for (int i = 1; i <= count; i++) {
    if (i > 1) lua_pushliteral(L, "\t"), pieces++;
    push_text_of(L, i);
    pieces++;
  }
  lua_pushliteral(L, "\n");
  lua_concat(L, pieces + 1);
  size_t length;
  const char *bytes = lua_tolstring(L, -1, &length);
  for (size_t done = 0; done < length;) {
    size_t piece = smaller(length - done, largest_piece);
    frame_write(">", 1, bytes + done, piece);
    done += piece;
    budgets_check(L);
  }
  return 0;
}

void environment_open(lua_State *L, const struct surroundings *surroundings) {
  luaL_requiref(L, LUA_GNAME, luaopen_base, 0);
  library_base(L);
  library_iteration(L);
  if (surroundings->has_output) {
    lua_pushcfunction(L, print);
    lua_setfield(L, -2, "print");
  }
  luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 0);
  library_table(L);
  add_sealed(L, LUA_TABLIBNAME);
  luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 0);
  library_string(L);
  add_sealed(L, LUA_STRLIBNAME);
  luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 0);
  library_math(L, surroundings->seed[0], surroundings->seed[1]);
  add_sealed(L, LUA_MATHLIBNAME);
  luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 0);
  add_sealed(L, LUA_UTF8LIBNAME);
  luaL_requiref(L, LUA_COLIBNAME, luaopen_coroutine, 0);
  library_coroutine(L);
  add_sealed(L, LUA_COLIBNAME);
  library_json(L);
  add_sealed(L, "json");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &globals_key);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, read_undefined);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  make_read_only(L, LUA_GNAME, write_global);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, LUA_GNAME);
  lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_pop(L, 1);
}

void environment_add(lua_State *L, const char *name) {
  int value = lua_gettop(L);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &globals_key);
  const char *dot = strchr(name, '.');
  if (dot != NULL) {
    lua_pushlstring(L, name, (size_t)(dot - name));
    if (lua_rawget(L, -2) != LUA_TTABLE) {
      lua_pop(L, 1);
      lua_newtable(L);
      lua_pushlstring(L, name, (size_t)(dot - name));
      lua_pushvalue(L, -2);
      lua_rawset(L, -4);
    }
    name = dot + 1;
  }
  push_behind(L, -1);
  lua_pushstring(L, name);
  lua_pushvalue(L, value);
  lua_rawset(L, -3);
  lua_settop(L, value - 1);
}

void environment_add_later(lua_State *L, const char *name) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &later_key) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &later_key);
  }
  lua_insert(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

void environment_seal(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &globals_key);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    if (lua_istable(L, -1) && !is_read_only(L, -1)) {
      make_read_only(L, lua_tostring(L, -2), refuse_write);
      // A field that exists may be set during a traversal.
      lua_pushvalue(L, -2);
      lua_insert(L, -2);
      lua_rawset(L, -4);
    } else {
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 1);
}
