// Runs one script again and again in a VM whose allocator fails at the first, second, third … request, until it gets through. Linked with
// the worker's sources except main.c, options.c, confinement.c, frames.c and memory.c, and with AddressSanitizer: what is touched after it
// was freed ends the program, and what is not given back is counted here.
//
// usage: failing-allocator SCRIPT
#define _GNU_SOURCE
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Six thousand VMs: what costs time and finds nothing here is off.
const char *__asan_default_options(void) { return "malloc_context_size=2:detect_stack_use_after_return=0:quarantine_size_mb=4"; }

// MARK: the allocator

/// How a request is refused: once (the VM collects garbage and asks again), once with that second request (the script may catch the error),
/// or from then on (the script has to stop).
enum mode { once, twice, sticky, mode_count };

static const char *const mode_names[] = {"once", "twice", "sticky"};

static struct {
  enum mode mode;
  long requests, fails_at;
  size_t held;
} allocator;

static bool refuses(void) {
  long request = ++allocator.requests;
  switch (allocator.mode) {
    case once: return request == allocator.fails_at;
    case twice: return request == allocator.fails_at || request == allocator.fails_at + 1;
    default:
      if (request > allocator.fails_at) budget_memory();
      return request >= allocator.fails_at;
  }
}

void *memory_allocate(void *memory, void *block, size_t old_size, size_t new_size) {
  (void)memory;
  size_t held = block == NULL ? 0 : old_size;
  if (new_size == 0) {
    free(block);
    allocator.held -= held;
    return NULL;
  }
  if (new_size > held && refuses()) return NULL;
  // Always moved, so that a pointer into the old block is noticed.
  char *fresh = malloc(new_size);
  if (fresh == NULL) abort();
  if (block != NULL) memcpy(fresh, block, held < new_size ? held : new_size);
  free(block);
  allocator.held += new_size - held;
  return fresh;
}

// MARK: the host

static const char start[] =
    "{\"op\":\"start\",\"chunk\":\"a.lua\",\"seed\":[1,2],\"output\":true,\"result\":true,\"functions\":[\"host.echo\",\"host.fail\"],"
    "\"pure\":[\"host.pure\"],"
    "\"context\":{\"run\":{\"id\":\"r1\"},\"list\":[1,{\"a\":[]}],\"app\":{\"id\":\"/web\",\"endpoints\":[\"h:1\"]}},"
    "\"modules\":[\"lib.util\",\"broken\"],\"prelude\":\""
    "local host = ... "
    "local wrap = host.handle('app', { url = function(self, path) return self.id .. path end }) "
    "host.add('host.line', function(...) return host.line(...) end) "
    "host.add('host.parallel', host.branches) "
    "host.add('host.raise', function(m) host.raise { code = 'timeout', op = 'host.raise', message = m, cause = 'why' } end) "
    "host.add('host.echo', function(...) local r = host.functions['host.echo'](...) r.app = wrap({ id = '/x' }) return r end) "
    "host.add('host.entry', host.entry(function(t, f) "
    "local n, keys, is_list = host.keys(t) "
    "return { n, keys, is_list, { host.here() }, { host.defined(f) }, host.nearest(t, 'namd') } end)) "
    "host.add('host.lazy', host.handle('lazy', {}, function(self, key) return self[1] .. key end)({ 'a' })) "
    "host.add('host.seed', host.seed) "
    "local ctx = host.context ctx.app = wrap(ctx.app) "
    "return host.freeze(ctx), function(value) host.seed(3, 4) return { value = value, n = math.random(5) } end\"}";

static const char module[] = "local M = {} function M.twice(x) return x * 2 end M.name = ... return M";
static const char broken[] = "return return";

static struct {
  const char *frames[4];
  size_t lengths[4];
  char answer[8192];
  // Calls of branches without an answer: the number, negative for one that fails.
  long later[100];
  int later_count;
  int position;
  bool is_told;
} host;

volatile bool frame_is_under_way;

int64_t frame_read_length(int64_t limit) {
  (void)limit;
  return host.position < 4 ? (int64_t)host.lengths[host.position] : (int64_t)strlen(host.answer);
}

bool frame_read_bytes(void *bytes, size_t length) {
  memcpy(bytes, host.position < 4 ? host.frames[host.position] : host.answer, length);
  host.position++;
  return true;
}

static void make_answer(long id, bool is_failure) {
  if (is_failure)
    snprintf(host.answer, sizeof host.answer, "{\"id\":%ld,\"error\":{\"code\":\"not_found\",\"message\":\"no such thing\"}}", id);
  else
    snprintf(host.answer, sizeof host.answer, "{\"id\":%ld,\"ok\":{\"list\":[1,2.5,null,true,\"\\u00e9\"],\"more\":{\"a\":{}}}}", id);
}

void frame_write(const void *first, size_t first_length, const void *second, size_t second_length) {
  (void)second, (void)second_length;
  const char *text = first;
  if (first_length > 6 && memcmp(text, "{\"id\":", 6) == 0) {
    long id = atol(text + 6);
    bool is_failure = memmem(text, first_length, "host.fail", 9) != NULL;
    if (memmem(text, first_length, "\"later\":true", 12) == NULL) make_answer(id, is_failure);
    else host.later[host.later_count++] = is_failure ? -id : id;
  } else if (memmem(text, first_length, "\"await\"", 7) != NULL) {
    // The one that was made last comes first.
    if (host.later_count == 0) abort();
    long id = host.later[--host.later_count];
    make_answer(labs(id), id < 0);
  } else if (first_length > 0 && text[0] == '{') {
    host.is_told = true;
  }
}

// MARK: the runs

/// Whether the run met the failing request.
static bool run(enum mode mode, long fails_at) {
  allocator.mode = mode;
  allocator.requests = 0;
  allocator.fails_at = fails_at;
  host.position = 0;
  host.later_count = 0;
  host.is_told = false;
  budgets_reset();
  const struct options options = {.cpu_ms = 1000, .memory_bytes = 1 << 30, .frame_bytes = 1 << 20};
  struct memory unused = {0};
  lua_State *L = invocation_serve(&options, &unused);
  bool met = allocator.requests >= fails_at;
  allocator.fails_at = -2;
  if (allocator.mode == sticky) allocator.mode = once;
  if (L != NULL) {
    text_release(L);
    lua_close(L);
  }
  if (allocator.held != 0) {
    fprintf(stderr, "%s at %ld: %zu bytes are not given back\n", mode_names[mode], fails_at, allocator.held);
    exit(1);
  }
  if (!met && !host.is_told) {
    fprintf(stderr, "%s: the run that nothing failed in has no end\n", mode_names[mode]);
    exit(1);
  }
  return met;
}

int main(int argc, char **argv) {
  if (argc != 2) return 64;
  FILE *file = fopen(argv[1], "r");
  if (file == NULL) return 66;
  static char source[65536];
  host.frames[0] = start;
  host.lengths[0] = sizeof start - 1;
  host.frames[1] = source;
  host.lengths[1] = fread(source, 1, sizeof source, file);
  fclose(file);
  host.frames[2] = module;
  host.lengths[2] = sizeof module - 1;
  host.frames[3] = broken;
  host.lengths[3] = sizeof broken - 1;
  for (enum mode mode = once; mode < mode_count; mode++) {
    long fails_at = 1;
    while (run(mode, fails_at)) fails_at++;
    printf("%s: %ld\n", mode_names[mode], fails_at - 1);
  }
  return 0;
}
