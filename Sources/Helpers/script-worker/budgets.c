// Makes a script stop, whatever it catches: a hook before each instruction raises an error that `pcall` hands on to the next
// instruction. What runs no instructions, or runs where Lua switches hooks off, ends with the process.
//
// CPU time is what the scheduler has measured. setitimer knows another: it counts whole ticks of the kernel, each as that of whoever runs just
// then, which misses most of what a script uses that runs for less than a tick between two calls. The timer is looked at with each tick,
// too, but it then sees all that was used; and a script that calls is looked at when it has its answer.
#define _GNU_SOURCE
#include "worker.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { grace_ms = 100 };

static volatile sig_atomic_t reason = stop_none;
static volatile sig_atomic_t has_expired;
static int64_t cpu_ms = INT64_MAX;
static lua_State *volatile running;
static volatile bool is_traced;
static volatile sig_atomic_t is_locating;
static struct trace where, refused;
static char stop_value;  // its address is the error

enum stop stop_reason(void) { return (enum stop)reason; }

static void trace_once(lua_State *L) {
  if (is_traced || L == NULL) return;
  is_traced = true;
  trace_record(L, &where);
}

static _Noreturn void raise_stop(lua_State *L) {
  trace_once(L);
  lua_pushlightuserdata(L, &stop_value);
  lua_error(L);
  _exit(exit_cpu);  // lua_error does not return
}

static void stop_hook(lua_State *L, lua_Debug *record) {
  (void)record;
  raise_stop(L);
}

static void ask_to_stop(enum stop why) {
  if (reason == stop_none) reason = why;
  // Lua allows just this function in a signal handler.
  if (running != NULL) lua_sethook(running, stop_hook, LUA_MASKCOUNT, 1);
}

lua_State *budgets_set_running(lua_State *thread) {
  lua_State *previous = running;
  running = thread;
  if (reason != stop_none && thread != NULL) lua_sethook(thread, stop_hook, LUA_MASKCOUNT, 1);
  return previous;
}

void budgets_check(lua_State *L) {
  if (reason != stop_none) raise_stop(L);
}

void budgets_check_clock(lua_State *L) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  if (used.tv_sec * 1000LL + used.tv_nsec / 1000000 >= cpu_ms) ask_to_stop(stop_cpu);
  budgets_check(L);
}

bool is_stop(lua_State *L, int index) { return lua_touserdata(L, index) == &stop_value; }

void budget_refused(void) {
  if (running != NULL && !is_traced) trace_record(running, &refused);
}

void budget_memory(void) {
  if (running == NULL) return;
  if (!is_traced && refused.at[0] != '\0') where = refused, is_traced = true;
  trace_once(running);
  ask_to_stop(stop_memory);
}

void budgets_report(void) {
  static const char *const names[] = {"none", "cpu", "memory", "stopped"};
  static char at[2 * sizeof where.at], lines[2 * sizeof where.lines];
  static char frame[sizeof at + sizeof lines + 128];
  quote_into(at, sizeof at, where.at, strlen(where.at));
  quote_into(lines, sizeof lines, where.lines, strlen(where.lines));
  int length = snprintf(frame, sizeof frame, "{\"op\":\"budget\",\"budget\":\"%s\",\"at\":%s,\"trace\":%s}", names[reason], at, lines);
  frame_write(frame, (size_t)length, NULL, 0);
}

static void on_cpu_timer(int signal) {
  (void)signal;
  bool is_first = !has_expired;
  has_expired = 1;
  // It may have been seen before that the budget is used up.
  if (reason == stop_none || (reason == stop_cpu && is_first)) return ask_to_stop(stop_cpu);
  // The script has not stopped. The process ends, so it does no harm to look at a VM that may be in the middle of something.
  is_locating = 1;
  trace_once(running);
  if (!frame_is_under_way) budgets_report();
  _exit(exit_cpu);
}

static void on_termination(int signal) {
  (void)signal;
  ask_to_stop(stop_asked);
}

#ifndef HAS_SANITIZER
static void on_fault(int signal) {
  (void)signal;
  if (is_locating) _exit(exit_cpu);
  // The handler is used once: the same instruction again ends the process by the signal itself.
}
#endif

static void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, NULL);
}

const char *budgets_start(const struct options *options) {
  static char fault_stack[16384];
  const stack_t alternate = {.ss_sp = fault_stack, .ss_size = sizeof fault_stack};
  sigaltstack(&alternate, NULL);
  handle(SIGPROF, on_cpu_timer, 0);
  handle(SIGTERM, on_termination, 0);
#ifndef HAS_SANITIZER
  handle(SIGSEGV, on_fault, SA_RESETHAND | SA_ONSTACK);
  handle(SIGBUS, on_fault, SA_RESETHAND | SA_ONSTACK);
#endif
  cpu_ms = options->cpu_ms;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGPROF};
  const struct itimerspec times = {
      .it_interval = {.tv_nsec = grace_ms * 1000000},
      .it_value = {.tv_sec = cpu_ms / 1000, .tv_nsec = cpu_ms % 1000 * 1000000},
  };
  timer_t timer;
  bool is_started = timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer) == 0 && timer_settime(timer, 0, &times, NULL) == 0;
  return is_started ? NULL : "start a timer";
}

void budgets_reset(void) {
  reason = stop_none;
  running = NULL;
  is_traced = false;
  memset(&where, 0, sizeof where);
  memset(&refused, 0, sizeof refused);
}
