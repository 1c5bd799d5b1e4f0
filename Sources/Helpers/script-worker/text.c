#include "worker.h"

#include <stdio.h>
#include <string.h>

static struct text outgoing;

static int refuse_size(struct text *text) {
  lua_State *L = text->L;
  luaL_checkstack(L, 4, NULL);
  if (text->op == NULL) return luaL_error(L, "the value is larger than %I bytes", (LUAI_UACINT)text->limit);
  lua_pushfstring(L, "what is handed over is larger than %I bytes", (LUAI_UACINT)text->limit);
  return error_raise_invalid(L, text->op);
}

static void grow(struct text *text, size_t needed) {
  if (needed > text->limit) refuse_size(text);
  size_t capacity = text->capacity < 256 ? 256 : text->capacity;
  while (capacity < needed) capacity *= 2;
  void *data;
  lua_Alloc allocate = lua_getallocf(text->L, &data);
  char *bytes = allocate(data, text->bytes, text->capacity, capacity);
  // As Lua itself asks: once more after a collection.
  if (bytes == NULL) {
    lua_gc(text->L, LUA_GCCOLLECT, 0);
    bytes = allocate(data, text->bytes, text->capacity, capacity);
  }
  if (bytes == NULL) luaL_error(text->L, "not enough memory");
  text->bytes = bytes;
  text->capacity = capacity;
}

void text_append(struct text *text, const void *bytes, size_t length) {
  if (length == 0) return;
  if (length > text->capacity - text->length) grow(text, text->length + length);
  memcpy(text->bytes + text->length, bytes, length);
  text->length += length;
}

void text_append_string(struct text *text, const char *string) { text_append(text, string, strlen(string)); }

struct text *text_outgoing(lua_State *L, size_t limit) {
  outgoing.L = L;
  outgoing.limit = limit;
  outgoing.length = 0;
  outgoing.op = NULL;
  outgoing.argument = 0;
  return &outgoing;
}

void text_release(lua_State *L) {
  void *data;
  lua_Alloc allocate = lua_getallocf(L, &data);
  if (outgoing.bytes != NULL) allocate(data, outgoing.bytes, outgoing.capacity, 0);
  outgoing = (struct text){.L = NULL};
}

size_t utf8_sequence(const unsigned char *bytes, size_t length) {
  if (length == 0) return 0;
  unsigned char first = bytes[0];
  if (first < 0x80) return 1;
  size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || size > length) return 0;
  for (size_t i = 1; i < size; i++)
    if ((bytes[i] & 0xC0) != 0x80) return 0;
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  if (first == 0xE0 && bytes[1] < 0xA0) return 0;
  if (first == 0xED && bytes[1] > 0x9F) return 0;
  if (first == 0xF0 && bytes[1] < 0x90) return 0;
  if (first == 0xF4 && bytes[1] > 0x8F) return 0;
  return size;
}

/// What stands for the bytes at the start of a JSON string. Returns how many bytes it stands for.
static size_t quote_one(const unsigned char *bytes, size_t length, char out[8], size_t *out_length) {
  size_t size = utf8_sequence(bytes, length);
  if (size == 0) {
    memcpy(out, "\xEF\xBF\xBD", *out_length = 3);
    return 1;
  }
  unsigned char byte = bytes[0];
  if (byte == '"' || byte == '\\') {
    out[0] = '\\';
    out[1] = (char)byte;
    *out_length = 2;
  } else if (byte < 0x20) {
    *out_length = (size_t)snprintf(out, 8, "\\u%04x", byte);
  } else {
    memcpy(out, bytes, *out_length = size);
  }
  return size;
}

void text_append_quoted(struct text *text, const char *bytes, size_t length) {
  const unsigned char *next = (const unsigned char *)bytes, *end = next + length;
  text_append(text, "\"", 1);
  while (next < end) {
    // A run of plain characters at once.
    const unsigned char *plain = next;
    while (plain < end && *plain >= 0x20 && *plain < 0x80 && *plain != '"' && *plain != '\\') plain++;
    text_append(text, next, (size_t)(plain - next));
    next = plain;
    if (next == end) break;
    char out[8];
    size_t out_length;
    next += quote_one(next, (size_t)(end - next), out, &out_length);
    text_append(text, out, out_length);
  }
  text_append(text, "\"", 1);
}

size_t quote_into(char *buffer, size_t size, const char *bytes, size_t length) {
  const unsigned char *next = (const unsigned char *)bytes, *end = next + length;
  size_t written = 0;
  buffer[written++] = '"';
  while (next < end) {
    char out[8];
    size_t out_length;
    next += quote_one(next, (size_t)(end - next), out, &out_length);
    if (written + out_length + 2 > size) break;
    memcpy(buffer + written, out, out_length);
    written += out_length;
  }
  buffer[written++] = '"';
  buffer[written] = '\0';
  return written;
}
