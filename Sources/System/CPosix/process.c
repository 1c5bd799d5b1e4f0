#define _GNU_SOURCE
#include "CPosixProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { largest_descriptor_count = 64 };

static rlim_t original_descriptor_limit = RLIM_INFINITY;
static bool limit_was_raised;

uint64_t cposix_raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return 0;
  rlim_t soft = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) return soft;
  if (!limit_was_raised) original_descriptor_limit = soft;
  limit_was_raised = true;
  return limit.rlim_cur;
}

struct failure {
  const char *step;
  int code;
};

static _Noreturn void fail(volatile struct failure *failure, const char *step) {
  failure->step = step;
  failure->code = errno;
  _exit(127);
}

/// Returns where the open program, if there is one, lies now.
static int connect_descriptors(const struct cposix_spawn_request *request, volatile struct failure *failure) {
  int highest = 2;
  for (int i = 0; i < request->descriptor_count; i++) {
    if (request->descriptors[i].child > highest) highest = request->descriptors[i].child;
  }
  // First out of the way, then into place: a source may have a number that another one is to get.
  int aside[largest_descriptor_count];
  for (int i = 0; i < request->descriptor_count; i++) {
    aside[i] = fcntl(request->descriptors[i].ours, F_DUPFD_CLOEXEC, highest + 1);
    if (aside[i] < 0) fail(failure, "pass a descriptor on");
  }
  int program = -1;
  if (request->executable_descriptor >= 0) {
    program = fcntl(request->executable_descriptor, F_DUPFD_CLOEXEC, highest + 1);
    if (program < 0) fail(failure, "pass a descriptor on");
  }
  // Ours are all close-on-exec; a library's may not be. Kernels before 5.11 do not know the flag, which leaves just those.
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  for (int i = 0; i < request->descriptor_count; i++) {
    if (dup2(aside[i], request->descriptors[i].child) < 0) fail(failure, "pass a descriptor on");
  }
  return program;
}

/// Runs in the child, in the parent's memory: it writes nothing there but its own frames and the failure.
static _Noreturn void become_program(const struct cposix_spawn_request *request, volatile struct failure *failure) {
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
  if (request->new_session) {
    if (setsid() < 0) fail(failure, "open a session");
  } else if (setpgid(0, 0) < 0) {
    fail(failure, "open a process group");
  }
  int program = connect_descriptors(request, failure);
  if (request->working_directory != NULL && chdir(request->working_directory) < 0) fail(failure, "enter the working directory");
  struct rlimit limit;
  if (limit_was_raised && getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = original_descriptor_limit;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  // Not by /proc/self/fd, which a process that is not dumpable may not open.
  if (program >= 0) execveat(program, "", request->arguments, request->environment, AT_EMPTY_PATH);
  else execve(request->executable, request->arguments, request->environment);
  fail(failure, "execute the program");
}

static void reap(pid_t pid) {
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
}

int cposix_spawn(const struct cposix_spawn_request *request, pid_t *pid, int *pidfd, const char **failed_step) {
  *failed_step = "start a process";
  if (request->descriptor_count > largest_descriptor_count) return E2BIG;
  volatile struct failure failure = {NULL, 0};
  // No handler of ours may run in the child, which shares our memory.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  pid_t child = vfork();
  if (child == 0) become_program(request, &failure);
  int vfork_error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (child < 0) return vfork_error;
  if (failure.code != 0) {
    reap(child);
    *failed_step = failure.step;
    return failure.code;
  }
  *pidfd = cposix_pidfd_open(child);
  if (*pidfd < 0) {
    int code = errno;
    kill(child, SIGKILL);
    reap(child);
    *failed_step = "watch the process";
    return code;
  }
  *pid = child;
  return 0;
}

int cposix_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int cposix_pidfd_signal(int pidfd, int signal) { return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0); }

int cposix_pidfd_reap(int pidfd, bool *signalled, int *value) {
  siginfo_t information;
  memset(&information, 0, sizeof information);
  int result;
  do result = waitid((idtype_t)P_PIDFD, (id_t)pidfd, &information, WEXITED | WNOHANG);
  while (result < 0 && errno == EINTR);
  if (result < 0) return -1;
  if (information.si_pid == 0) return 0;
  *signalled = information.si_code != CLD_EXITED;
  *value = information.si_status;
  return 1;
}

int cposix_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1); }
