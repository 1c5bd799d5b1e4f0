// A worker that a script has taken over, in many ways. Which one follows from the name under which the program lies.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { host = 3 };

static void put(const void *bytes, size_t length) {
  const char *next = bytes;
  while (length > 0) {
    ssize_t count = write(host, next, length);
    if (count <= 0) _exit(9);
    next += count;
    length -= (size_t)count;
  }
}

static void head(unsigned length) {
  unsigned char bytes[4] = {(unsigned char)(length >> 24), (unsigned char)(length >> 16), (unsigned char)(length >> 8), (unsigned char)length};
  put(bytes, 4);
}

static void frame(const void *bytes, size_t length) {
  head((unsigned)length);
  put(bytes, length);
}

static void text(const char *string) { frame(string, strlen(string)); }

static void ready(void) { text("{\"op\":\"ready\",\"protocol\":5}"); }

static void hang(void) {
  for (;;) pause();
}

static void later(int id) {
  char call[100];
  snprintf(call, sizeof call, "{\"id\":%d,\"op\":\"host.echo\",\"args\":[],\"later\":true}", id);
  text(call);
}

/// A call as a worker of ours makes it.
static void call(int id, const char *place) {
  char call[100];
  snprintf(call, sizeof call, "{\"id\":%d,\"op\":\"host.echo\",\"args\":[],\"at\":\"%s\"}", id, place);
  text(call);
}

/// Reads what the host has sent until there is an answer.
static void take_answer(void) {
  static char bytes[20000];
  for (size_t length = 0; memmem(bytes, length, "\"ok\"", 4) == NULL;) {
    ssize_t count = read(host, bytes + length, sizeof bytes - length);
    if (count <= 0) _exit(9);
    length += (size_t)count;
  }
}

static void end(void) {
  text("{\"op\":\"end\",\"value\":\"well\"}");
  _exit(0);
}

static void repeat(const char *piece, int count, const char *before, const char *after) {
  size_t length = strlen(before) + strlen(after) + strlen(piece) * (size_t)count + 1;
  char *bytes = malloc(length), *next = stpcpy(bytes, before);
  for (int i = 0; i < count; i++) next = stpcpy(next, piece);
  stpcpy(next, after);
  text(bytes);
  free(bytes);
}

#define ERROR_HEAD "{\"op\":\"error\",\"kind\":\"runtime\",\"message\":\"well\",\"at\":\"a.lua:1\",\"trace\":\"\",\"raised\":"
#define ERROR(raised) ERROR_HEAD raised "}"

#define IS(known) (strcmp(name, known) == 0)

int main(void) {
  const struct rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  char path[4096];
  ssize_t path_length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (path_length < 0) return 1;
  path[path_length] = '\0';
  const char *name = strrchr(path, '/') + 1;
  signal(SIGPIPE, SIG_IGN);

  // Before it is ready: as if another program lay in the worker's place.
  if (IS("exits_at_once")) return 0;
  if (IS("refuses_usage")) return 64;
  if (IS("other_protocol")) text("{\"op\":\"ready\",\"protocol\":1}"), hang();
  if (IS("refuses")) text("{\"op\":\"refused\",\"message\":\"cannot install the system-call filter: Invalid argument\"}"), _exit(71);
  if (IS("prints_first")) text(">hello"), hang();
  if (IS("ends_before_ready")) end();
  if (IS("http")) put("HTTP/1.1 200 OK\r\n\r\n", 19), hang();
  if (IS("never_ready")) hang();

  ready();
  if (IS("garbage")) for (unsigned i = 1;; i = i * 1103515245u + 12345u) put(&i, sizeof i);
  if (IS("half_head_exit")) put("\0\0", 2), _exit(0);
  if (IS("half_frame_exit")) head(100), put("{\"op\":", 6), _exit(0);
  if (IS("half_frame_hang")) head(100), put("{\"op\":", 6), hang();
  if (IS("four_gigabytes")) head(0xFFFFFFFFu), put("x", 1), hang();
  if (IS("over_the_limit")) head((8 << 20) + 1), hang();
  if (IS("two_gigabytes_flood")) { head(0x7FFFFFFF); for (;;) put(path, sizeof path); }
  if (IS("empty_frame")) head(0), hang();
  if (IS("not_json")) text("{\"op\":\"end\",}"), hang();
  if (IS("not_an_object")) text("[1,2,3]"), hang();
  if (IS("not_utf8")) text("{\"op\":\"end\",\"value\":\"\xff\xfe\"}"), hang();
  if (IS("nul_bytes")) frame("{\"op\":\"end\0\",\"value\":1}", 23), hang();
  if (IS("two_values")) text("{\"op\":\"end\",\"value\":1}{\"op\":\"end\",\"value\":2}"), hang();
  if (IS("unknown_op")) text("{\"op\":\"explode\"}"), hang();
  if (IS("no_op")) text("{}"), hang();
  if (IS("deep_json")) repeat("[", 1000000, "", ""), hang();
  if (IS("deep_value")) repeat("[", 100, "{\"op\":\"end\",\"value\":", "1"), hang();
  if (IS("many_keys")) repeat("\"a\":1,", 500000, "{", "\"op\":\"explode\"}"), hang();
  if (IS("ready_again")) ready(), hang();
  if (IS("refuses_late")) text("{\"op\":\"refused\",\"message\":\"\"}"), hang();
  if (IS("call_out_of_order")) text("{\"id\":7,\"op\":\"host.echo\",\"args\":[]}"), hang();
  if (IS("call_zero")) text("{\"id\":0,\"op\":\"host.echo\",\"args\":[]}"), hang();
  if (IS("call_negative")) text("{\"id\":-1,\"op\":\"host.echo\",\"args\":[]}"), hang();
  if (IS("call_huge_id")) text("{\"id\":9223372036854775807,\"op\":\"host.echo\",\"args\":[]}"), hang();
  if (IS("call_big_id")) text("{\"id\":18446744073709551617,\"op\":\"host.echo\",\"args\":[]}"), hang();
  if (IS("call_fraction")) text("{\"id\":1.5,\"op\":\"host.echo\",\"args\":[]}"), hang();
  if (IS("call_unknown_function")) text("{\"id\":1,\"op\":\"marathon.destroy\",\"args\":[\"/\"]}"), hang();
  if (IS("call_without_arguments")) text("{\"id\":1,\"op\":\"host.echo\"}"), hang();
  if (IS("call_with_object")) text("{\"id\":1,\"op\":\"host.echo\",\"args\":{\"a\":1}}"), hang();
  if (IS("call_without_name")) text("{\"id\":1,\"args\":[]}"), hang();
  if (IS("replies_to_itself")) text("{\"id\":1,\"ok\":true}"), hang();
  if (IS("call_twice")) {
    text("{\"id\":1,\"op\":\"host.echo\",\"args\":[]}");
    text("{\"id\":1,\"op\":\"host.echo\",\"args\":[]}");
    hang();
  }
  if (IS("await_at_once")) text("{\"op\":\"await\"}"), hang();
  if (IS("await_twice")) later(1), text("{\"op\":\"await\"}"), take_answer(), text("{\"op\":\"await\"}"), hang();
  if (IS("later_flood")) {
    for (int i = 1; i <= 10000; i++) later(i);
    hang();
  }
  if (IS("later_out_of_order")) later(1), later(3), hang();
  if (IS("later_twice")) later(1), later(1), hang();
  if (IS("later_of_pure")) text("{\"id\":1,\"op\":\"host.pure\",\"args\":[],\"later\":true}"), hang();
  if (IS("later_and_at_once")) later(1), text("{\"id\":2,\"op\":\"host.echo\",\"args\":[]}"), hang();
  if (IS("later_and_never_asked")) {
    for (int i = 1; i <= 100; i++) later(i);
    hang();
  }
  if (IS("later_and_end")) later(1), end();
  if (IS("later_answers_unread"))
    for (int i = 1;; i++) later(i), text("{\"op\":\"await\"}");
  if (IS("call_flood"))
    for (int i = 1;; i++) {
      char call[200000];
      int length = snprintf(call, sizeof call, "{\"id\":%d,\"op\":\"host.echo\",\"args\":[\"", i);
      memset(call + length, 'x', sizeof call - 100 - (size_t)length);
      strcpy(call + sizeof call - 100, "\"]}");
      text(call);
    }
  if (IS("call_and_exit")) call(1, "a.lua:7"), take_answer(), call(2, "lib/b.lua:3"), take_answer(), _exit(3);
  if (IS("call_and_crash")) call(1, "a.lua:7"), take_answer(), raise(SIGSEGV);
  if (IS("call_and_break")) call(1, "a.lua:7"), text("{}"), hang();
  if (IS("call_and_cpu_code")) call(1, "a.lua:7"), take_answer(), _exit(75);
  if (IS("call_and_hang")) call(1, "a.lua:7"), take_answer(), hang();
  if (IS("call_and_hang_up")) call(1, "a.lua:7"), take_answer(), close(host), hang();
  if (IS("call_and_half_a_frame")) call(1, "a.lua:7"), take_answer(), head(100), put("{\"id\":2", 7), hang();
  if (IS("call_and_go")) call(1, "a.lua:7"), _exit(3);
  if (IS("call_without_place")) text("{\"id\":1,\"op\":\"host.echo\",\"args\":[]}"), take_answer(), _exit(3);
  if (IS("call_at_no_text")) text("{\"id\":1,\"op\":\"host.echo\",\"args\":[],\"at\":[1]}"), take_answer(), _exit(3);
  if (IS("call_at_a_long_place"))
    repeat("x", 1000000, "{\"id\":1,\"op\":\"host.echo\",\"args\":[],\"at\":\"\\u001b[31ma\\u0000\\n\\u202e\\u2028", "\"}"), take_answer(), _exit(3);
  if (IS("call_unknown_at_a_place")) call(1, "a.lua:7"), take_answer(), text("{\"id\":2,\"op\":\"b.c\",\"args\":[],\"at\":\"a.lua:9\"}"), hang();
  if (IS("output_flood")) for (;;) frame(">xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 80);
  if (IS("empty_output_flood")) for (;;) text(">");
  if (IS("unknown_budget")) text("{\"op\":\"budget\",\"budget\":\"sleep\"}"), hang();
  if (IS("wrong_types")) text("{\"op\":\"error\",\"kind\":3,\"message\":[],\"at\":{},\"trace\":null}"), hang();
  if (IS("end_without_value")) text("{\"op\":\"end\"}"), hang();
  if (IS("long_words")) repeat("\\u0007", 200000, "{\"op\":\"error\",\"kind\":\"runtime\",\"at\":\"a.lua:1\",\"trace\":\"\",\"message\":\"", "\"}"), hang();
  if (IS("raised_no_object")) text(ERROR("[1,2]")), hang();
  if (IS("raised_wrong_types")) text(ERROR("{\"code\":3,\"message\":{},\"retryable\":\"yes\",\"details\":null,\"cause\":[]}")), hang();
  if (IS("raised_unknown_code")) text(ERROR("{\"code\":\"explode\",\"message\":\"m\"}")), hang();
  if (IS("raised_odd_fields")) text(ERROR("{\"code\":\"timeout\",\"message\":[],\"retryable\":1,\"cause\":{},\"at\":1}")), hang();
  if (IS("raised_large")) repeat("x", 4000000, ERROR_HEAD "{\"code\":\"timeout\",\"message\":\"m\",\"details\":\"", "\"}}"), hang();
  if (IS("raised_deep")) repeat("[", 1000, ERROR_HEAD "{\"code\":\"timeout\",\"details\":", "1}}"), hang();
  if (IS("call_of_the_prelude")) text("{\"id\":1,\"op\":\"add\",\"args\":[\"print\"]}"), hang();
  if (IS("call_of_a_module")) text("{\"id\":1,\"op\":\"require\",\"args\":[\"lib.util\"]}"), hang();
  if (IS("call_without_dot")) text("{\"id\":1,\"op\":\"\",\"args\":[]}"), hang();
  if (IS("start_to_the_host")) text("{\"op\":\"start\",\"chunk\":\"a.lua\",\"functions\":[\"host.echo\"]}"), hang();
  if (IS("answer_to_the_host")) text("{\"id\":1,\"error\":{\"code\":\"denied\"}}"), hang();
  if (IS("ends_silently")) _exit(0);
  if (IS("ends_with_code")) _exit(42);
  if (IS("cpu_code")) _exit(75);
  if (IS("crashes")) raise(SIGSEGV);
  if (IS("aborts")) raise(SIGABRT);
  if (IS("forbidden_call")) raise(SIGSYS);
  if (IS("killed")) raise(SIGKILL);
  if (IS("stops_by_itself")) text("{\"op\":\"budget\",\"budget\":\"stopped\",\"at\":\"a.lua:1\",\"trace\":\"\"}"), hang();
  if (IS("hangs")) hang();
  if (IS("ignores_signals")) {
    for (int number = 1; number < 32; number++) signal(number, SIG_IGN);
    for (;;) sleep(1);
  }
  if (IS("closes_socket")) close(host), hang();
  if (IS("leaves_child")) {
    if (fork() == 0) {
      // Holds the socket on behalf of nobody, for a while.
      sleep(3);
      _exit(0);
    }
    _exit(0);
  }
  if (IS("drips")) {
    static const char bytes[] = "\0\0\0\x1b{\"op\":\"end\",\"value\":\"well\"}";
    for (size_t i = 0; i < sizeof bytes - 1; i++) put(bytes + i, 1);
    _exit(0);
  }
  if (IS("says_more_after_the_end")) {
    text("{\"op\":\"end\",\"value\":\"well\"}");
    for (int i = 0; i < 1000; i++) text("{\"op\":\"end\",\"value\":\"more\"}");
    hang();
  }
  if (IS("does_not_read")) sleep(1), end();
  fprintf(stderr, "fake-worker: no such behaviour: %s\n", name);
  return 2;
}
