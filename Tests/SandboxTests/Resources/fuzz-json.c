// The worker's own JSON under libFuzzer: any bytes go into the decoder, and what comes out is the same after the encoder and the decoder once
// more. Linked as failing-allocator.c is, with AddressSanitizer; what is not given back is counted here.
#define _GNU_SOURCE
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// MARK: what the rest of the worker wants

volatile bool frame_is_under_way;

int64_t frame_read_length(int64_t limit) {
  (void)limit;
  return -1;
}

bool frame_read_bytes(void *bytes, size_t length) {
  (void)bytes, (void)length;
  return false;
}

void frame_write(const void *first, size_t first_length, const void *second, size_t second_length) {
  (void)first, (void)first_length, (void)second, (void)second_length;
}

static size_t held;

void *memory_allocate(void *memory, void *block, size_t old_size, size_t new_size) {
  (void)memory;
  // Without a block it is not a size.
  if (block == NULL) old_size = 0;
  held = held - old_size + new_size;
  if (new_size == 0) {
    free(block);
    return NULL;
  }
  char *fresh = malloc(new_size);
  if (fresh == NULL) abort();
  if (block != NULL) memcpy(fresh, block, old_size < new_size ? old_size : new_size);
  free(block);
  return fresh;
}

// MARK: there and back

static _Noreturn void fail(const char *what, const char *detail) {
  fprintf(stderr, "worker-json: %s: %s\n", what, detail);
  abort();
}

struct input {
  const char *bytes;
  size_t length;
};

static int decode(lua_State *L) {
  const struct input *input = lua_touserdata(L, 1);
  json_decode(L, input->bytes, input->length, largest_depth);
  if (lua_gettop(L) != 2) fail("the decoder leaves", "more or less than one value");
  return 1;
}

static int encode(lua_State *L) {
  struct text *text = text_outgoing(L, 1 << 20);
  json_encode(L, 1, text);
  if (lua_gettop(L) != 1) fail("the encoder leaves", "something on the stack");
  lua_pushlstring(L, text->bytes, text->length);
  return 1;
}

/// Pushes what it makes, or a message.
static bool decodes(lua_State *L, const char *bytes, size_t length) {
  struct input input = {.bytes = bytes, .length = length};
  lua_pushcfunction(L, decode);
  lua_pushlightuserdata(L, &input);
  return lua_pcall(L, 1, 1, 0) == LUA_OK;
}

/// The same for the value on the top, which stays below it.
static bool encodes(lua_State *L) {
  lua_pushcfunction(L, encode);
  lua_pushvalue(L, -2);
  return lua_pcall(L, 1, 1, 0) == LUA_OK;
}

static void check(lua_State *L, const char *bytes, size_t length) {
  if (!decodes(L, bytes, length)) {
    if (strncmp(lua_tostring(L, -1), "not JSON: ", 10) != 0) fail("refused without a reason", lua_tostring(L, -1));
    return;
  }
  if (!encodes(L)) {
    // 1e999 is JSON, and infinite.
    if (strstr(lua_tostring(L, -1), "is a number that JSON has not") == NULL) fail("a decoded value is refused", lua_tostring(L, -1));
    return;
  }
  size_t first_length, second_length;
  const char *first = lua_tolstring(L, -1, &first_length);
  if (!decodes(L, first, first_length)) fail("what was encoded is refused", lua_tostring(L, -1));
  if (!encodes(L)) fail("a value is refused the second time", lua_tostring(L, -1));
  const char *second = lua_tolstring(L, -1, &second_length);
  if (first_length != second_length || memcmp(first, second, first_length) != 0) fail(first, second);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
  // Of just this size, so that a byte beyond it is noticed.
  char *copy = malloc(length > 0 ? length : 1);
  lua_State *L = lua_newstate(memory_allocate, NULL);
  if (copy == NULL || L == NULL) abort();
  memcpy(copy, bytes, length);
  check(L, copy, length);
  text_release(L);
  lua_close(L);
  free(copy);
  if (held != 0) fail("memory", "not all is given back");
  return 0;
}
