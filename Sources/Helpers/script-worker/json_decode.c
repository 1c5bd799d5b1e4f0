// JSON to Lua. Objects and arrays become tables, null inside of them the value of `json_push_null`.
#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reader {
  lua_State *L;
  const char *start, *next, *end;
  int depth;  // that is allowed
};

static _Noreturn void fail(struct reader *reader, const char *what) {
  luaL_error(reader->L, "not JSON: %s at byte %I", what, (LUAI_UACINT)(reader->next - reader->start));
  abort();  // luaL_error does not return
}

static void skip_space(struct reader *reader) {
  while (reader->next < reader->end && strchr(" \t\n\r", *reader->next) != NULL && *reader->next != '\0') reader->next++;
}

static bool take(struct reader *reader, char byte) {
  if (reader->next == reader->end || *reader->next != byte) return false;
  reader->next++;
  return true;
}

static void take_word(struct reader *reader, const char *word) {
  size_t length = strlen(word);
  if ((size_t)(reader->end - reader->next) < length || memcmp(reader->next, word, length) != 0) fail(reader, "a value is expected");
  reader->next += length;
}

static unsigned take_hex(struct reader *reader) {
  unsigned value = 0;
  for (int i = 0; i < 4; i++) {
    if (reader->next == reader->end) fail(reader, "four hexadecimal digits are expected");
    char digit = *reader->next++;
    unsigned amount;
    if (digit >= '0' && digit <= '9') amount = (unsigned)(digit - '0');
    else if (digit >= 'a' && digit <= 'f') amount = (unsigned)(digit - 'a' + 10);
    else if (digit >= 'A' && digit <= 'F') amount = (unsigned)(digit - 'A' + 10);
    else fail(reader, "four hexadecimal digits are expected");
    value = value * 16 + amount;
  }
  return value;
}

static void add_character(luaL_Buffer *buffer, unsigned code) {
  if (code < 0x80) {
    luaL_addchar(buffer, (char)code);
  } else if (code < 0x800) {
    luaL_addchar(buffer, (char)(0xC0 | code >> 6));
    luaL_addchar(buffer, (char)(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    luaL_addchar(buffer, (char)(0xE0 | code >> 12));
    luaL_addchar(buffer, (char)(0x80 | (code >> 6 & 0x3F)));
    luaL_addchar(buffer, (char)(0x80 | (code & 0x3F)));
  } else {
    luaL_addchar(buffer, (char)(0xF0 | code >> 18));
    luaL_addchar(buffer, (char)(0x80 | (code >> 12 & 0x3F)));
    luaL_addchar(buffer, (char)(0x80 | (code >> 6 & 0x3F)));
    luaL_addchar(buffer, (char)(0x80 | (code & 0x3F)));
  }
}

static void decode_escape(struct reader *reader, luaL_Buffer *buffer) {
  static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
  if (reader->next == reader->end) fail(reader, "a string has no end");
  char name = *reader->next++;
  if (name != 'u') {
    const char *found = name == '\0' ? NULL : strchr(names, name);
    if (found == NULL) fail(reader, "an unknown escape");
    luaL_addchar(buffer, values[found - names]);
    return;
  }
  unsigned code = take_hex(reader);
  if (code >= 0xDC00 && code <= 0xDFFF) fail(reader, "half a surrogate pair");
  if (code >= 0xD800 && code <= 0xDBFF) {
    if (!take(reader, '\\') || !take(reader, 'u')) fail(reader, "half a surrogate pair");
    unsigned low = take_hex(reader);
    if (low < 0xDC00 || low > 0xDFFF) fail(reader, "half a surrogate pair");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  add_character(buffer, code);
}

static void decode_string(struct reader *reader) {
  luaL_Buffer buffer;
  luaL_buffinit(reader->L, &buffer);
  while (true) {
    const char *plain = reader->next;
    while (reader->next < reader->end && *reader->next != '"' && *reader->next != '\\') {
      size_t size = utf8_sequence((const unsigned char *)reader->next, (size_t)(reader->end - reader->next));
      if (size == 0) fail(reader, "a string is not UTF-8");
      if ((unsigned char)*reader->next < 0x20) fail(reader, "a control character in a string");
      reader->next += size;
    }
    luaL_addlstring(&buffer, plain, (size_t)(reader->next - plain));
    if (reader->next == reader->end) fail(reader, "a string has no end");
    if (*reader->next++ == '"') break;
    decode_escape(reader, &buffer);
  }
  luaL_pushresult(&buffer);
}

static bool take_digits(struct reader *reader) {
  const char *start = reader->next;
  while (reader->next < reader->end && *reader->next >= '0' && *reader->next <= '9') reader->next++;
  return reader->next > start;
}

static void decode_number(struct reader *reader) {
  const char *start = reader->next;
  bool is_integer = true;
  take(reader, '-');
  if (!take(reader, '0') && !take_digits(reader)) fail(reader, "a value is expected");
  if (take(reader, '.')) {
    is_integer = false;
    if (!take_digits(reader)) fail(reader, "a digit is expected");
  }
  if (take(reader, 'e') || take(reader, 'E')) {
    is_integer = false;
    if (!take(reader, '+')) take(reader, '-');
    if (!take_digits(reader)) fail(reader, "a digit is expected");
  }
  char digits[128];
  size_t length = (size_t)(reader->next - start);
  if (length >= sizeof digits) fail(reader, "a number with too many digits");
  memcpy(digits, start, length);
  digits[length] = '\0';
  errno = 0;
  long long integer = is_integer ? strtoll(digits, NULL, 10) : 0;
  if (is_integer && errno == 0) lua_pushinteger(reader->L, integer);
  else lua_pushnumber(reader->L, strtod(digits, NULL));
}

static void decode(struct reader *reader, int depth);

static void decode_array(struct reader *reader, int depth) {
  lua_newtable(reader->L);
  skip_space(reader);
  if (take(reader, ']')) return json_make_array(reader->L);
  for (lua_Integer i = 1;; i++) {
    decode(reader, depth + 1);
    lua_rawseti(reader->L, -2, i);
    skip_space(reader);
    if (take(reader, ']')) return;
    if (!take(reader, ',')) fail(reader, "a comma or ] is expected");
  }
}

static void decode_object(struct reader *reader, int depth) {
  lua_newtable(reader->L);
  skip_space(reader);
  if (take(reader, '}')) return;
  while (true) {
    skip_space(reader);
    if (!take(reader, '"')) fail(reader, "a key is expected");
    decode_string(reader);
    skip_space(reader);
    if (!take(reader, ':')) fail(reader, "a colon is expected");
    decode(reader, depth + 1);
    lua_rawset(reader->L, -3);
    skip_space(reader);
    if (take(reader, '}')) return;
    if (!take(reader, ',')) fail(reader, "a comma or } is expected");
  }
}

static void decode(struct reader *reader, int depth) {
  luaL_checkstack(reader->L, 8, "nested too deeply");
  skip_space(reader);
  if (reader->next == reader->end) fail(reader, "a value is expected");
  switch (*reader->next) {
    case '{':
    case '[':
      if (depth >= reader->depth) fail(reader, "nested too deeply");
      if (*reader->next++ == '{') decode_object(reader, depth);
      else decode_array(reader, depth);
      return;
    case '"': reader->next++; decode_string(reader); return;
    case 't': take_word(reader, "true"); lua_pushboolean(reader->L, 1); return;
    case 'f': take_word(reader, "false"); lua_pushboolean(reader->L, 0); return;
    case 'n': take_word(reader, "null"); json_push_null(reader->L); return;
    default: decode_number(reader);
  }
}

void json_decode(lua_State *L, const char *bytes, size_t length, int depth) {
  struct reader reader = {.L = L, .start = bytes, .next = bytes, .end = bytes + length, .depth = depth};
  decode(&reader, 0);
  skip_space(&reader);
  if (reader.next != reader.end) fail(&reader, "more than one value");
}
