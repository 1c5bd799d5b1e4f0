// Lua to JSON: raw access only, so nothing of a script runs here.
#define _GNU_SOURCE
#include "worker.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char null_value;  // its address stands for null

void json_push_null(lua_State *L) { lua_pushlightuserdata(L, &null_value); }

bool json_is_null(lua_State *L, int index) { return lua_touserdata(L, index) == &null_value; }

/// The way from the outermost value to the one at hand, for messages and against cycles.
struct path {
  const struct path *outer;
  const void *table;
  const char *key;    // NULL: the place in a list is meant
  lua_Integer index;
};

static void push_path(lua_State *L, const struct path *path, int argument) {
  luaL_Buffer buffer;
  const struct path *steps[largest_depth + 1];
  int count = 0;
  for (; path != NULL && path->outer != NULL && count <= largest_depth; path = path->outer) steps[count++] = path;
  luaL_buffinit(L, &buffer);
  if (argument > 0) {
    char piece[32];
    snprintf(piece, sizeof piece, "argument %d", argument);
    luaL_addstring(&buffer, piece);
  } else {
    luaL_addstring(&buffer, "value");
  }
  while (count-- > 0) {
    char piece[80];
    if (steps[count]->key != NULL) snprintf(piece, sizeof piece, ".%.64s", steps[count]->key);
    else snprintf(piece, sizeof piece, "[%lld]", (long long)steps[count]->index);
    luaL_addstring(&buffer, piece);
  }
  luaL_pushresult(&buffer);
}

static int refuse(const struct text *text, const struct path *path, const char *why) {
  lua_State *L = text->L;
  luaL_checkstack(L, 6, NULL);
  push_path(L, path, text->argument);
  if (text->op == NULL) return luaL_error(L, "%s %s", lua_tostring(L, -1), why);
  lua_pushfstring(L, "%s %s", lua_tostring(L, -1), why);
  return error_raise_invalid(L, text->op);
}

static void encode_number(lua_State *L, int index, struct text *text, const struct path *path) {
  char digits[40];
  if (lua_isinteger(L, index)) {
    snprintf(digits, sizeof digits, "%lld", (long long)lua_tointeger(L, index));
  } else {
    double number = lua_tonumber(L, index);
    if (!isfinite(number)) refuse(text, path, "is a number that JSON has not");
    for (int precision = 15; precision <= 17; precision++) {
      snprintf(digits, sizeof digits, "%.*g", precision, number);
      if (strtod(digits, NULL) == number) break;
    }
    // So that it comes back as the float that it is.
    if (strpbrk(digits, ".e") == NULL) strcat(digits, ".0");
  }
  text_append_string(text, digits);
}

static void encode_string(lua_State *L, int index, struct text *text, const struct path *path) {
  size_t length;
  const char *bytes = lua_tolstring(L, index, &length);
  for (size_t i = 0; i < length;) {
    size_t size = utf8_sequence((const unsigned char *)bytes + i, length - i);
    if (size == 0) refuse(text, path, "is not UTF-8");
    i += size;
  }
  text_append_quoted(text, bytes, length);
}

static void encode(lua_State *L, int index, struct text *text, const struct path *path, int depth);

static void encode_list(lua_State *L, int table, lua_Integer count, struct text *text, const struct path *path, int depth) {
  text_append(text, "[", 1);
  for (lua_Integer i = 1; i <= count; i++) {
    if (i > 1) text_append(text, ",", 1);
    struct path step = {.outer = path, .table = lua_topointer(L, table), .index = i};
    lua_rawgeti(L, table, i);
    encode(L, -1, text, &step, depth + 1);
    lua_pop(L, 1);
  }
  text_append(text, "]", 1);
}

/// `keys` has the keys in order; all are strings, or it is refused.
static void encode_map(lua_State *L, int table, int keys, struct text *text, const struct path *path, int depth) {
  text_append(text, "{", 1);
  lua_Integer count = (lua_Integer)lua_rawlen(L, keys);
  for (lua_Integer i = 1; i <= count; i++) {
    if (i > 1) text_append(text, ",", 1);
    if (lua_rawgeti(L, keys, i) != LUA_TSTRING) refuse(text, path, "is neither a list nor a map: its keys are not all strings, nor 1 to n");
    struct path step = {.outer = path, .table = lua_topointer(L, table), .key = lua_tostring(L, -1)};
    encode_string(L, -1, text, &step);
    text_append(text, ":", 1);
    lua_pushvalue(L, -1);
    lua_rawget(L, table);
    encode(L, -1, text, &step, depth + 1);
    lua_pop(L, 2);
  }
  text_append(text, "}", 1);
}

static void encode_table(lua_State *L, int table, struct text *text, const struct path *path, int depth) {
  if (depth >= largest_depth) refuse(text, path, "is nested too deeply");
  for (const struct path *outer = path; outer != NULL; outer = outer->outer)
    if (outer->table == lua_topointer(L, table)) refuse(text, path, "contains itself");
  lua_Integer prefix = order_push_keys(L, table);
  int keys = lua_gettop(L);
  lua_Integer others = (lua_Integer)lua_rawlen(L, keys);
  if (prefix > 0 && others > 0) refuse(text, path, "is neither a list nor a map: it has the keys 1 to n and others");
  bool is_array = json_is_array(L, table);
  if (is_array && others > 0) refuse(text, path, "is a list, but has keys that are not 1 to n");
  if (prefix > 0 || is_array) encode_list(L, table, prefix, text, path, depth);
  else encode_map(L, table, keys, text, path, depth);
  lua_pop(L, 1);
}

static void encode(lua_State *L, int index, struct text *text, const struct path *path, int depth) {
  index = lua_absindex(L, index);
  switch (lua_type(L, index)) {
    case LUA_TNIL: text_append(text, "null", 4); return;
    case LUA_TBOOLEAN: text_append_string(text, lua_toboolean(L, index) ? "true" : "false"); return;
    case LUA_TNUMBER: encode_number(L, index, text, path); return;
    case LUA_TSTRING: encode_string(L, index, text, path); return;
    case LUA_TTABLE:
      luaL_checkstack(L, 10, "nested too deeply");
      push_behind(L, index);
      encode_table(L, lua_gettop(L), text, path, depth);
      lua_pop(L, 1);
      return;
    default:
      if (json_is_null(L, index)) text_append(text, "null", 4);
      else refuse(text, path, lua_pushfstring(L, "is a %s, which JSON has not", luaL_typename(L, index)));
  }
}

void json_encode(lua_State *L, int index, struct text *text) {
  struct path path = {.outer = NULL};
  encode(L, index, text, &path, 0);
}
