#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/// What the child could not do, sent to the parent over a pipe that exec closes.
struct failure {
  const char *step;  // a literal: valid in both processes, which run the same program
  int code;
};

static _Noreturn void fail(int report, const char *step) {
  struct failure failure = {step, errno};
  ssize_t ignored = write(report, &failure, sizeof failure);
  (void)ignored;
  _exit(127);
}

static void reset_signals(void) {
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void become_task(
    const struct options *options, const struct passwd *user, const int output[2], int report, pid_t supervisor) {
  reset_signals();
  if (setsid() < 0) fail(report, "open a session");
  for (int i = 0; i < 2; i++) {
    if (output[i] >= 0 && dup2(output[i], i + 1) < 0) fail(report, "connect the output");
  }
  if (user != NULL) {
    if (initgroups(user->pw_name, user->pw_gid) < 0) fail(report, "take the user's groups");
    if (setgid(user->pw_gid) < 0) fail(report, "take the user's group");
    if (setuid(user->pw_uid) < 0) fail(report, "become the user");
  }
  // After the change of user, which clears it. The program dies with us; orphans deeper down are the business of the next subreaper.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != supervisor) _exit(127);
  execvp(options->command[0], options->command);
  fail(report, "execute the program");
}

pid_t task_start(const struct options *options, const int output[2], char *reason, size_t reason_size) {
  struct passwd *user = NULL;
  if (options->user != NULL) {
    errno = 0;
    user = getpwnam(options->user);
    if (user == NULL) {
      snprintf(reason, reason_size, "user '%s' is not known on this machine", options->user);
      return -1;
    }
    // Who is that user already needs no right to become it.
    if (user->pw_uid == geteuid() && geteuid() != 0) user = NULL;
  }
  int report[2];
  if (pipe2(report, O_CLOEXEC) < 0) {
    snprintf(reason, reason_size, "cannot make a pipe: %s", strerror(errno));
    return -1;
  }
  pid_t supervisor = getpid();
  pid_t child = fork();
  if (child == 0) become_task(options, user, output, report[1], supervisor);
  int fork_error = errno;
  close(report[1]);
  if (child < 0) {
    close(report[0]);
    snprintf(reason, reason_size, "cannot fork: %s", strerror(fork_error));
    return -1;
  }
  struct failure failure;
  ssize_t count;
  do count = read(report[0], &failure, sizeof failure);
  while (count < 0 && errno == EINTR);
  close(report[0]);
  if (count == (ssize_t)sizeof failure) {
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
    snprintf(reason, reason_size, "cannot %s: %s: %s", failure.step, options->command[0], strerror(failure.code));
    return -1;
  }
  return child;
}
