// Lets the process keep only what a running VM needs. What a script does to the VM ends here.
#define _GNU_SOURCE
#include "worker.h"

#include <errno.h>
#if !__has_include(<seccomp.h>)
#error "install the Debian package libseccomp-dev (scripts/setup build)"
#endif
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { lower_priority = 10 };

static bool limit(__rlimit_resource_t resource, rlim_t value) {
  struct rlimit limit = {value, value};
  return setrlimit(resource, &limit) == 0;
}

static const char *limit_resources(const struct options *options) {
  if (!limit(RLIMIT_CORE, 0)) return "limit core files";
  // Far behind the timer of budgets.c, as the kernel's own hand: it counts whole ticks for this limit, which on a busy machine is several
  // times what was used.
  if (!limit(RLIMIT_CPU, (rlim_t)(options->cpu_ms / 1000 * 4 + 8))) return "limit CPU time";
  if (!limit(RLIMIT_FSIZE, 0)) return "limit files";
  if (!limit(RLIMIT_NOFILE, host_socket + 1)) return "limit descriptors";
#ifndef HAS_SANITIZER
  // Behind the cap of memory.c: program and libraries, the C stack, the C library's own loss, a frame on its way.
  rlim_t space = (rlim_t)options->memory_bytes * 2 + (rlim_t)options->frame_bytes + (64u << 20);
  if (!limit(RLIMIT_AS, space)) return "limit memory";
#endif
  return NULL;
}

#ifndef HAS_SANITIZER
static bool allow_calls(scmp_filter_ctx filter) {
  static const int calls[] = {
      SCMP_SYS(exit),   SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),  SCMP_SYS(restart_syscall), SCMP_SYS(brk),
      SCMP_SYS(munmap), SCMP_SYS(madvise),    SCMP_SYS(clock_gettime),
  };
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0) return false;
  // Frames on the one socket; memory, but none that can be executed.
  const struct scmp_arg_cmp socket_only = {.arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = UINT32_MAX, .datum_b = host_socket};
  const struct scmp_arg_cmp not_executable = {.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0};
  return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(read), 1, socket_only) == 0 &&
         seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, socket_only) == 0 &&
         seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, not_executable) == 0 &&
         seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mremap), 0) == 0;
}

static const char *filter_calls(void) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
  if (filter == NULL) return "make a system-call filter";
  int result = allow_calls(filter) ? seccomp_load(filter) : -EINVAL;
  seccomp_release(filter);
  errno = -result;
  return result == 0 ? NULL : "install the system-call filter";
}
#endif

const char *confine(const struct options *options) {
  prctl(PR_SET_NAME, "script-worker", 0, 0, 0);
  // When the host dies. It fires for the thread that started us, so the closed socket stands beside it.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return "follow the host's end";
  if (close_range(host_socket + 1, ~0U, 0) != 0) return "close descriptors";
  if (chdir("/") != 0) return "enter /";
  (void)!nice(lower_priority);  // the server goes first
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return "give up new privileges";
  const char *failed = limit_resources(options);
#ifndef HAS_SANITIZER
  if (failed == NULL) failed = filter_calls();
#endif
  return failed;
}
