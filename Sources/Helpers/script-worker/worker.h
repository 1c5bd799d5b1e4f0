// What the parts of script-worker share. The program is described at the top of main.c.
#pragma once

#if !__has_include(<lua.h>)
#error "install the Debian package liblua5.4-dev (scripts/setup build)"
#endif
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROTOCOL_VERSION 5

// Its shadow memory and system calls need more than limits and filter leave, and it has handlers of its own.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

/// Exit codes. The host reads them where no last frame came.
enum {
  exit_told = 0,       // the last frame says how it ended
  exit_usage = 64,     // not started by a host of this version
  exit_host = 70,      // the host went away or broke the protocol
  exit_confined = 71,  // could not lock itself in
  exit_cpu = 75,       // over the CPU budget, and the script did not stop when asked to
};

/// Deepest nesting of tables and JSON that crosses the border.
enum { largest_depth = 64 };

// MARK: options.c

struct options {
  int64_t cpu_ms;        // CPU time of the whole process
  int64_t memory_bytes;  // what the VM may hold at once
  int64_t frame_bytes;   // largest frame in either direction
};

/// Reads the command line; on a mistake ends the process with `exit_usage`.
struct options options_read(int argc, char **argv);

// MARK: confinement.c

/// Gives up all that a running VM does not need: see main.c. Nothing of a script has been read yet.
/// Returns NULL, or what could not be done.
const char *confine(const struct options *options);

// MARK: frames.c

/// Descriptor of the socket to the host.
enum { host_socket = 3 };

/// Whether a frame has been written in part at this moment: a signal handler must not write another one into it.
extern volatile bool frame_is_under_way;

/// Reads the length of the next frame. -1: the host is gone, or the frame is larger than the limit, or a signal asks to stop.
int64_t frame_read_length(int64_t limit);
/// Reads the bytes of a frame; false: the host is gone, or a signal asks to stop.
bool frame_read_bytes(void *bytes, size_t length);
/// Writes a frame whose payload is in two parts; ends the process when the host is gone.
void frame_write(const void *first, size_t first_length, const void *second, size_t second_length);

// MARK: memory.c

struct memory {
  size_t used, limit;
  // What was refused last, 0 bytes once something was given: Lua collects garbage and asks the same once more before it gives up.
  void *refused_block;
  size_t refused_size;
};

/// A `lua_Alloc` over `struct memory`. What it refuses for good ends the script: see `budget_memory`.
void *memory_allocate(void *memory, void *block, size_t old_size, size_t new_size);

// MARK: budgets.c

enum stop { stop_none, stop_cpu, stop_memory, stop_asked };

/// Why the script has to stop, once it has to.
enum stop stop_reason(void);
/// The thread whose code runs now, for the signal handlers; the previous one is returned.
lua_State *budgets_set_running(lua_State *thread);
/// Installs handlers and the CPU timer. The first expiry raises an error in the script, again and again; the second one, 100 ms of CPU
/// later, ends the process. SIGTERM raises likewise. Returns NULL, or what could not be done.
const char *budgets_start(const struct options *options);
/// The script was refused memory, perhaps for good: notes where it is.
void budget_refused(void);
/// What was refused last was refused for good.
void budget_memory(void);
/// Raises the error that no `pcall` keeps, if the script has to stop.
void budgets_check(lua_State *L);
/// The same, with a look at the clock.
void budgets_check_clock(lua_State *L);
/// Whether a value is that error.
bool is_stop(lua_State *L, int index);
/// Reports to the host that a budget is exceeded, without allocating.
void budgets_report(void);
/// For tests that use one process for many VMs.
void budgets_reset(void);

// MARK: trace.c

/// Where a script was: fixed size, written without allocating and without running anything.
struct trace {
  char at[128];      // file:line of the innermost Lua function; empty: nowhere
  char lines[4096];  // one line per function, innermost first, each ended by a newline
};

void trace_record(lua_State *L, struct trace *trace);
/// The innermost function of the script, as `short_src` and `currentline`: ours have no lines. false: the thread runs none.
bool trace_find(lua_State *L, lua_Debug *record);
/// Puts the functions of another coroutine before those of a trace, as far as there is room.
void trace_prepend(struct trace *trace, const struct trace *before);

// MARK: text.c

/// Bytes that grow, taken from the VM's allocator so that they count.
struct text {
  lua_State *L;
  char *bytes;
  size_t length, capacity;
  size_t limit;  // more raises an error
  // What it is made for, where that is a call: what cannot be handed over is then an error of that call.
  const char *op;
  int argument;
};

void text_append(struct text *text, const void *bytes, size_t length);
void text_append_string(struct text *text, const char *string);
/// A JSON string; what is not UTF-8 becomes U+FFFD.
void text_append_quoted(struct text *text, const char *bytes, size_t length);
/// The same into a buffer of fixed size, cut off where it is full; returns the length.
size_t quote_into(char *buffer, size_t size, const char *bytes, size_t length);
/// The length of the UTF-8 sequence at `bytes`; 0 where there is none.
size_t utf8_sequence(const unsigned char *bytes, size_t length);
/// The one text that frames are made in, emptied. An error in the middle leaves it to the next frame, so nothing is lost.
struct text *text_outgoing(lua_State *L, size_t limit);
/// Gives its memory back, before the VM is closed.
void text_release(lua_State *L);

// MARK: json_encode.c, json_decode.c

/// Appends a value. Raises an error, which names the place inside the value, for what JSON has not.
void json_encode(lua_State *L, int index, struct text *text);
/// Pushes the value of a JSON text. Raises an error with the offset for what is not JSON, or is nested more deeply.
void json_decode(lua_State *L, const char *bytes, size_t length, int depth);
/// Pushes the value that stands for null.
void json_push_null(lua_State *L);
bool json_is_null(lua_State *L, int index);

// MARK: library_json.c

/// Pushes the module.
int library_json(lua_State *L);
/// The longest text that it makes or takes.
void json_limit(int64_t bytes);
/// Makes the table on the top a list, even while it is empty.
void json_make_array(lua_State *L);
bool json_is_array(lua_State *L, int index);

// MARK: order.c

/// The keys of a table in the order that scripts see: 1…`prefix`, then those in the table that is pushed.
/// Raises an error when several keys have no order.
lua_Integer order_push_keys(lua_State *L, int table);
/// The position in the pushed keys, from 1, of the first key that is not before the given one; `*found`: it is that key.
lua_Integer order_find(lua_State *L, int keys, int key, bool *found);
/// Pushes the first key of a table in that order, or nil.
void order_push_first(lua_State *L, int table);

// MARK: libraries

/// Each changes the standard library's table that lies on the top of the stack.
void library_base(lua_State *L);       // library_base.c
void library_iteration(lua_State *L);  // library_iteration.c: pairs, next
void library_table(lua_State *L);      // library_table.c
void library_string(lua_State *L);     // library_string.c
void library_coroutine(lua_State *L);  // library_coroutine.c
void library_math(lua_State *L, lua_Integer seed_low, lua_Integer seed_high);  // library_math.c
/// Gives `math.random` another seed of the host's.
void library_math_seed(lua_State *L, lua_Integer low, lua_Integer high);

/// Pushes what `tostring` gives: as in stock Lua, without addresses.
const char *push_text_of(lua_State *L, int index);

/// Resumes a coroutine with the arguments on the top, while the budgets know that it runs. Returns how many values it has pushed, or -1 with
/// an error on the top.
int thread_resume(lua_State *L, lua_State *thread, int argument_count);

// MARK: environment.c

/// What the host's first frame says of the script's surroundings.
struct surroundings {
  lua_Integer seed[2];
  bool has_output;  // whether there is `print`
};

/// Builds the sandbox and makes it the environment of chunks.
void environment_open(lua_State *L, const struct surroundings *surroundings);
/// Adds a function or value under a dotted name (`module.name`) to the real table behind the environment; it is on the top and is popped.
void environment_add(lua_State *L, const char *name);
/// The same for a global that is not there, but is what a script gets that reads it in place of an error: it says itself what is missing.
void environment_add_later(lua_State *L, const char *name);
/// Makes the modules that `environment_add` has made read-only. Nothing is added after it.
void environment_seal(lua_State *L);
/// The name among the keys of the table at `index` that is most like the given one, the first of equals in their order; NULL: none is.
const char *nearest_name(lua_State *L, int index, const char *name);

// MARK: faces.c

/// Puts a face before the table below the top; the metatable on the top is the face's. Both are replaced by it.
void face_put(lua_State *L);
/// Pushes the table behind a read-only one, or the table itself.
void push_behind(lua_State *L, int index);
bool is_read_only(lua_State *L, int index);
/// Makes the value on the top, which came from the host, read-only with all that is in it.
void freeze(lua_State *L);
/// A Lua function: of a name, a table of methods, and, if there is one, a function of handle and key that gives what the handle has not.
/// Returns the function that makes a handle of a table.
int handle_kind(lua_State *L);

// MARK: errors.c

/// Raises the error whose fields are in the table on the top. Those that end the script are raised again by every further call.
int error_raise(lua_State *L);
/// Raises `invalid_argument` with the message on the top.
int error_raise_invalid(lua_State *L, const char *op);
/// Raises the error that has ended the script, if there is one.
void error_raise_final(lua_State *L);
/// Pushes it; false, and nothing is pushed, where there is none.
bool error_push_final(lua_State *L);
/// Whether a value is an error of the host's.
bool error_is(lua_State *L, int index);
/// Appends such an error as JSON.
void error_encode(lua_State *L, int index, struct text *text, bool with_details);

// MARK: calls.c

/// Adds the host's functions; their names are the two lists on the top, of those that may wait and of those whose answers follow from the
/// call. Both are replaced by a table of the functions by name.
void calls_register(lua_State *L, int64_t frame_limit);
/// Reads an answer and pushes its table. Returns the call's number; 0: it has none.
lua_Integer answer_receive(lua_State *L);

// MARK: parallel.c

/// A Lua function: of a list of functions, which run by turns to their ends. Returns the first result of each by its place, with their
/// number as `n`, and a list of those that failed, the first of them first: `{ branch = 2, error = … }`.
int parallel_run(lua_State *L);
/// Whether branches run, so that calls wait in them.
bool parallel_is_running(void);
/// Whether code of this thread is a branch's, at a place where it can wait.
bool parallel_can_wait(lua_State *L);
/// Lets the branch wait for the answer to a call, which then lies on the top. Does not return but to Lua.
int parallel_wait(lua_State *L, lua_Integer call, lua_KFunction then);
/// Raises an error unless it is the host that the branch goes on by.
void parallel_check_delivered(lua_State *L, lua_KContext call);
/// Whether a thread is that of a branch.
bool parallel_has_branch(lua_State *thread);
/// Whether calls have no answer yet. After the end of `parallel`: it was left by an error that ends the script.
bool parallel_has_open_calls(void);
extern const char parallel_left_open[];
/// Puts the branch's functions before a trace, where the error at `error` is the one that `parallel` has raised last.
void parallel_prepend_trace(lua_State *L, int error, struct trace *trace);
/// For a new VM.
void parallel_reset(void);

// MARK: prelude.c

/// Runs the host's Lua with the functions and, on the top, the context; they are replaced by what the script gets as its context, and by
/// the function that takes the script's value, or nil. At `start` is the host's first frame.
void prelude_run(lua_State *L, int start, const char *source, size_t length);

// MARK: modules.c

/// Adds `require`; the names of modules are the list on the top, which is popped.
void modules_open(lua_State *L);
/// Takes the source of the module at that place in the list: the userdata on the top, which is popped.
void modules_add(lua_State *L, lua_Integer index);
/// Pushes the source of a module, which is returned; NULL, and nothing is pushed, where there is none of this name.
const char *modules_find(lua_State *L, const char *name, size_t *length);

// MARK: reads.c

/// A Lua function: of the name of a module, what its source reads of the globals, without running it. A list of { line, name, field or false,
/// required module or false }; nil and the message if it is no Lua; nothing if there is no such module.
int reads_of_source(lua_State *L);

// MARK: invocation.c

/// Pushes a compiled source, or a message. Returns Lua's status.
int chunk_load(lua_State *L, const char *source, size_t length, const char *name);
/// Opens a VM in `memory`, runs the one invocation that the host sends, and reports its end. Returns the VM for who wants to close it, or
/// NULL if there was not even memory for it.
lua_State *invocation_serve(const struct options *options, struct memory *memory);
