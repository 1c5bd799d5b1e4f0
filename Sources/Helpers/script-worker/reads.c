// What a script reads of the globals, without running it: the source is compiled, and its compiled form read. So comments, texts, local variables and
// an `_ENV` of the script's own are what they are to Lua, and are not taken for globals.
//
// The compiled form is that of Lua 5.4 (its ldump.c and lopcodes.h). It comes from the VM of this process, never from a script or the host.
#include "worker.h"

#include <string.h>

_Static_assert(LUA_VERSION_NUM == 504, "the compiled form below is that of Lua 5.4");

enum { op_loadk = 3, op_gettabup = 11, op_getfield = 14, op_self = 20, op_call = 68, op_tailcall = 69 };
enum { most_upvalues = 256, absolute_line = -0x80 };

struct reader {
  lua_State *L;
  const unsigned char *at, *end;
  int list;  // the stack's index of what is found
};

struct slice {
  const char *bytes;  // NULL: no text
  size_t length;
};

/// One function, as it lies in the compiled form.
struct function {
  const unsigned char *code;
  size_t code_count, constant_count;
  struct slice *constants;
  bool is_environment[most_upvalues];  // by upvalue: whether it is the globals
};

// MARK: the compiled form

static int refuse(struct reader *reader) { return luaL_error(reader->L, "the compiled form is not that of this program's Lua"); }

static const unsigned char *take(struct reader *reader, size_t length) {
  if ((size_t)(reader->end - reader->at) < length) refuse(reader);
  const unsigned char *bytes = reader->at;
  reader->at += length;
  return bytes;
}

static size_t take_number(struct reader *reader) {
  size_t number = 0;
  unsigned char byte;
  do {
    byte = *take(reader, 1);
    number = number << 7 | (byte & 0x7f);
  } while ((byte & 0x80) == 0);
  return number;
}

/// Of things that have at least a byte each.
static size_t take_count(struct reader *reader) {
  size_t count = take_number(reader);
  if (count > (size_t)(reader->end - reader->at)) refuse(reader);
  return count;
}

static struct slice take_text(struct reader *reader) {
  size_t size = take_number(reader);
  if (size == 0) return (struct slice){NULL, 0};
  return (struct slice){(const char *)take(reader, size - 1), size - 1};
}

static void take_header(struct reader *reader) {
  const size_t numbers = sizeof(lua_Integer) + sizeof(lua_Number);
  const unsigned char *header = take(reader, 12);
  const unsigned char sizes[] = {4, sizeof(lua_Integer), sizeof(lua_Number)};
  // "\x1bLua", the version, the format, and six bytes that a transfer as text would have damaged.
  if (memcmp(header, LUA_SIGNATURE "\x54\x00", 6) != 0 || memcmp(take(reader, 3), sizes, 3) != 0) refuse(reader);
  take(reader, numbers);
  take(reader, 1);  // the number of upvalues, which the function has, too
}

static void take_constants(struct reader *reader, struct function *function) {
  enum { is_nil = 0x00, is_false = 0x01, is_true = 0x11, is_integer = 0x03, is_float = 0x13, is_short = 0x04, is_long = 0x14 };
  function->constant_count = take_count(reader);
  function->constants = lua_newuserdatauv(reader->L, function->constant_count * sizeof *function->constants, 0);
  for (size_t i = 0; i < function->constant_count; i++) {
    function->constants[i] = (struct slice){NULL, 0};
    switch (*take(reader, 1)) {
      case is_nil:
      case is_false:
      case is_true: break;
      case is_integer: take(reader, sizeof(lua_Integer)); break;
      case is_float: take(reader, sizeof(lua_Number)); break;
      case is_short:
      case is_long: function->constants[i] = take_text(reader); break;
      default: refuse(reader);
    }
  }
}

static void take_upvalues(struct reader *reader, struct function *function, const struct function *above) {
  size_t count = take_count(reader);
  if (count > most_upvalues) refuse(reader);
  for (size_t i = 0; i < count; i++) {
    const unsigned char *upvalue = take(reader, 3);  // whether it is a variable of the function above, or of which upvalue of that; which; its kind
    function->is_environment[i] = above == NULL ? i == 0 : upvalue[0] == 0 && above->is_environment[upvalue[1]];
  }
}

// MARK: instructions

static unsigned instruction(const struct function *function, size_t at) {
  unsigned word;
  memcpy(&word, function->code + 4 * at, sizeof word);
  return word;
}

static unsigned op_of(unsigned word) { return word & 0x7f; }
static unsigned a_of(unsigned word) { return word >> 7 & 0xff; }
static unsigned b_of(unsigned word) { return word >> 16 & 0xff; }
static unsigned c_of(unsigned word) { return word >> 24; }
static unsigned bx_of(unsigned word) { return word >> 15; }
static bool has_constant(unsigned word) { return (word >> 15 & 1) != 0; }

static struct slice constant(const struct function *function, unsigned index) {
  return index < function->constant_count ? function->constants[index] : (struct slice){NULL, 0};
}

/// The field that the instruction takes of what lies in the register.
static struct slice field_of(const struct function *function, size_t at, unsigned from) {
  if (at >= function->code_count) return (struct slice){NULL, 0};
  unsigned word = instruction(function, at);
  bool is_field = op_of(word) == op_getfield || (op_of(word) == op_self && has_constant(word));
  return is_field && b_of(word) == from ? constant(function, c_of(word)) : (struct slice){NULL, 0};
}

/// The text that the function in the register is called with, alone, right behind the instruction before `at`.
static struct slice argument_of(const struct function *function, size_t at, unsigned called) {
  if (at + 1 >= function->code_count) return (struct slice){NULL, 0};
  unsigned load = instruction(function, at), call = instruction(function, at + 1);
  bool calls = op_of(call) == op_call || op_of(call) == op_tailcall;
  bool is_call = op_of(load) == op_loadk && a_of(load) == called + 1 && calls && a_of(call) == called && b_of(call) == 2;
  return is_call ? constant(function, bx_of(load)) : (struct slice){NULL, 0};
}

static void push_slice(lua_State *L, struct slice slice) {
  if (slice.bytes != NULL) lua_pushlstring(L, slice.bytes, slice.length);
  else lua_pushboolean(L, 0);
}

static void found(struct reader *reader, lua_Integer line, struct slice name, struct slice field, struct slice module) {
  lua_State *L = reader->L;
  lua_createtable(L, 4, 0);
  lua_pushinteger(L, line);
  lua_rawseti(L, -2, 1);
  push_slice(L, name);
  lua_rawseti(L, -2, 2);
  push_slice(L, field);
  lua_rawseti(L, -2, 3);
  push_slice(L, module);
  lua_rawseti(L, -2, 4);
  lua_rawseti(L, reader->list, (lua_Integer)lua_rawlen(L, reader->list) + 1);
}

/// Goes through a function's instructions with their lines: of each the difference to the one before, or a mark that a list has the line itself.
static void find_reads(struct reader *reader, const struct function *function, lua_Integer line) {
  size_t count = take_count(reader);
  const signed char *differences = (const signed char *)take(reader, count);
  size_t absolute_count = take_count(reader);
  struct reader absolute = *reader;
  for (size_t i = 0; i < absolute_count; i++) take_number(reader), take_number(reader);
  if (count != function->code_count) refuse(reader);
  for (size_t at = 0; at < count; at++) {
    if (differences[at] == absolute_line) {
      take_number(&absolute);
      line = (lua_Integer)take_number(&absolute);
    } else {
      line += differences[at];
    }
    unsigned word = instruction(function, at);
    if (op_of(word) != op_gettabup || !function->is_environment[b_of(word)]) continue;
    struct slice name = constant(function, c_of(word)), none = {NULL, 0};
    if (name.bytes == NULL) continue;
    bool is_require = name.length == 7 && memcmp(name.bytes, "require", 7) == 0;
    found(reader, line, name, field_of(function, at + 1, a_of(word)), is_require ? argument_of(function, at + 1, a_of(word)) : none);
  }
}

// MARK: functions

/// - Parameter above: the function that this one stands in; NULL for the whole source.
static void read_function(struct reader *reader, const struct function *above) {
  luaL_checkstack(reader->L, 8, "nested too deeply");
  struct function function = {.code_count = 0};
  take_text(reader);
  lua_Integer line = (lua_Integer)take_number(reader);
  take_number(reader);
  take(reader, 3);  // parameters, whether there may be more, registers
  function.code_count = take_count(reader);
  if (function.code_count > SIZE_MAX / 4) refuse(reader);
  function.code = take(reader, 4 * function.code_count);
  take_constants(reader, &function);
  take_upvalues(reader, &function, above);
  size_t inner_count = take_count(reader);
  for (size_t i = 0; i < inner_count; i++) read_function(reader, &function);
  find_reads(reader, &function, line);
  size_t local_count = take_count(reader);
  for (size_t i = 0; i < local_count; i++) take_text(reader), take_number(reader), take_number(reader);
  size_t name_count = take_count(reader);
  for (size_t i = 0; i < name_count; i++) take_text(reader);
  lua_pop(reader->L, 1);  // the constants
}

static int write_piece(lua_State *L, const void *bytes, size_t length, void *text) {
  (void)L;
  text_append(text, bytes, length);
  return 0;
}

int reads_of_source(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  size_t length;
  lua_settop(L, 1);
  const char *source = modules_find(L, name, &length);
  if (source == NULL) return 0;
  if (chunk_load(L, source, length, "=s") != LUA_OK) {
    budgets_check(L);
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
  }
  struct text *text = text_outgoing(L, SIZE_MAX / 4);
  lua_dump(L, write_piece, text, 0);
  lua_newtable(L);
  struct reader reader = {L, (const unsigned char *)text->bytes, (const unsigned char *)text->bytes + text->length, lua_gettop(L)};
  take_header(&reader);
  read_function(&reader, NULL);
  return 1;
}
