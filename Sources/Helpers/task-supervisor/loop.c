#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { grace_without_cluster_ms = 500, kill_again_ms = 20, flush_tail_ms = 1000, system_refused = 71 };

enum phase {
  running,
  terminating,  // SIGTERM is sent, SIGKILL follows at the deadline
  killing,
};

struct supervisor {
  const struct options *options;
  struct output outputs[2];
  int signals;
  int control;
  pid_t task;
  bool task_ended, nothing_left, cancelled;
  enum phase phase;
  int64_t kill_at, flush_at;  // milliseconds; flush_at 0: no flush is due
  char received[64];          // the control stream's line so far
  size_t received_size;
};

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// MARK: Telling

static void tell(struct supervisor *supervisor, const char *line) {
  // A few short lines: they fit the socket's buffer, and a reader that is gone is noticed as the end of the stream.
  if (supervisor->control >= 0) send(supervisor->control, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void record(struct supervisor *supervisor, const char *line) {
  tell(supervisor, line);
  if (supervisor->options->status != NULL && !status_write(supervisor->options->status, line)) {
    fprintf(stderr, "task-supervisor: cannot write %s: %s\n", supervisor->options->status, strerror(errno));
  }
}

static void describe_end(int status, char *line, size_t size) {
  if (WIFEXITED(status)) snprintf(line, size, "exited %d\n", WEXITSTATUS(status));
  else snprintf(line, size, "signalled %d\n", WTERMSIG(status));
}

// MARK: Ending

static void end_all(struct supervisor *supervisor, int64_t grace_ms) {
  int64_t kill_at = now_ms() + grace_ms;
  if (supervisor->phase != running) {
    if (kill_at < supervisor->kill_at) supervisor->kill_at = kill_at;  // the cluster died during a longer grace
    return;
  }
  supervisor->phase = terminating;
  supervisor->kill_at = kill_at;
  descendants_signal(SIGTERM);
  descendants_signal(SIGCONT);  // a stopped process handles no SIGTERM
}

static void flush_outputs(struct supervisor *supervisor) {
  for (int i = 0; i < 2; i++) {
    output_drain(&supervisor->outputs[i]);
    output_flush(&supervisor->outputs[i]);
  }
  supervisor->flush_at = 0;
}

/// Collects the dead. What the task wrote is in its files before its end is told.
static void reap(struct supervisor *supervisor) {
  for (;;) {
    int status;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) supervisor->nothing_left = true;
    if (pid <= 0) return;
    if (pid != supervisor->task) continue;
    supervisor->task_ended = true;
    flush_outputs(supervisor);
    if (supervisor->options->detached && supervisor->cancelled) continue;  // told when all have ended
    char line[64];
    describe_end(status, line, sizeof line);
    record(supervisor, line);
  }
}

// MARK: Events

static void read_signals(struct supervisor *supervisor) {
  struct signalfd_siginfo information;
  while (read(supervisor->signals, &information, sizeof information) == (ssize_t)sizeof information) {
    if (information.ssi_signo == SIGCHLD) continue;
    if (supervisor->options->detached && supervisor->task_ended) continue;
    supervisor->cancelled = true;
    end_all(supervisor, supervisor->options->kill_grace_ms);
  }
}

static void read_control(struct supervisor *supervisor) {
  for (;;) {
    char byte;
    ssize_t count = recv(supervisor->control, &byte, 1, MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
      close(supervisor->control);
      supervisor->control = -1;
      end_all(supervisor, supervisor->options->kill_grace_ms < grace_without_cluster_ms ? supervisor->options->kill_grace_ms
                                                                                         : grace_without_cluster_ms);
      return;
    }
    if (byte != '\n') {
      if (supervisor->received_size < sizeof supervisor->received) supervisor->received[supervisor->received_size++] = byte;
      continue;
    }
    bool is_term = supervisor->received_size == 4 && memcmp(supervisor->received, "term", 4) == 0;
    supervisor->received_size = 0;
    if (is_term) end_all(supervisor, supervisor->options->kill_grace_ms);
  }
}

static int time_left(const struct supervisor *supervisor) {
  int64_t until = INT64_MAX, now = now_ms();
  if (supervisor->phase == terminating) until = supervisor->kill_at;
  if (supervisor->phase == killing) until = now + kill_again_ms;
  if (supervisor->flush_at != 0 && supervisor->flush_at < until) until = supervisor->flush_at;
  if (until == INT64_MAX) return -1;
  return until <= now ? 0 : until - now > INT_MAX ? INT_MAX : (int)(until - now);
}

static void wait_for_events(struct supervisor *supervisor) {
  struct pollfd polled[4] = {
      {.fd = supervisor->signals, .events = POLLIN},
      {.fd = supervisor->control, .events = POLLIN},
      {.fd = supervisor->outputs[0].pipe, .events = POLLIN},
      {.fd = supervisor->outputs[1].pipe, .events = POLLIN},
  };
  if (poll(polled, 4, time_left(supervisor)) < 0) return;
  for (int i = 0; i < 2; i++) {
    if (polled[2 + i].revents != 0) output_drain(&supervisor->outputs[i]);
    if (supervisor->outputs[i].dirty && supervisor->flush_at == 0) supervisor->flush_at = now_ms() + flush_tail_ms;
  }
  if (polled[0].revents != 0) read_signals(supervisor);
  if (polled[1].revents != 0) read_control(supervisor);
}

static void run_to_the_end(struct supervisor *supervisor) {
  const struct options *options = supervisor->options;
  for (;;) {
    reap(supervisor);
    bool only_task_counts = options->detached && !supervisor->cancelled;
    if (supervisor->task_ended && (only_task_counts || supervisor->nothing_left)) return;
    if (supervisor->task_ended && supervisor->phase == running) end_all(supervisor, options->kill_grace_ms);
    if (supervisor->phase == terminating && now_ms() >= supervisor->kill_at) supervisor->phase = killing;
    // What forks while /proc is being read is met in the next round; each round takes every process that could fork with it.
    if (supervisor->phase == killing) descendants_signal(SIGKILL);
    if (supervisor->flush_at != 0 && now_ms() >= supervisor->flush_at) flush_outputs(supervisor);
    wait_for_events(supervisor);
  }
}

// MARK: Start and end of a detached hook

/// The lock file names us before the program starts: a locked or unlocked file without a process id proves that it never did.
static bool sign_lock(int lock) {
  char line[32];
  int length = snprintf(line, sizeof line, "%d\n", (int)getpid());
  return pwrite(lock, line, (size_t)length, 0) == length && fsync(lock) == 0;
}

/// What a hook left in the background may go on writing: its pipes get a reader that holds no lock.
static void leave_reader(struct supervisor *supervisor) {
  if (supervisor->nothing_left || (supervisor->outputs[0].pipe < 0 && supervisor->outputs[1].pipe < 0)) return;
  if (fork() != 0) return;
  close(supervisor->options->lock);
  while (supervisor->outputs[0].pipe >= 0 || supervisor->outputs[1].pipe >= 0) {
    struct pollfd polled[2] = {
        {.fd = supervisor->outputs[0].pipe, .events = POLLIN}, {.fd = supervisor->outputs[1].pipe, .events = POLLIN}};
    poll(polled, 2, -1);
    for (int i = 0; i < 2; i++) {
      output_drain(&supervisor->outputs[i]);
      output_flush(&supervisor->outputs[i]);
    }
  }
  _exit(0);
}

static int open_signals(void) {
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  sigaddset(&watched, SIGTERM);
  sigaddset(&watched, SIGINT);
  sigprocmask(SIG_SETMASK, &watched, NULL);
  struct sigaction standard = {.sa_handler = SIG_DFL}, ignored = {.sa_handler = SIG_IGN};
  sigaction(SIGCHLD, &standard, NULL);  // an inherited "ignore" would reap the task behind our back
  sigaction(SIGHUP, &ignored, NULL);
  sigaction(SIGPIPE, &ignored, NULL);
  return signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int refuse(struct supervisor *supervisor, const char *reason) {
  char line[1024];
  snprintf(line, sizeof line, "failed %s\n", reason);
  record(supervisor, line);
  return system_refused;
}

static int refuse_with_error(struct supervisor *supervisor, const char *what) {
  char reason[1024];
  snprintf(reason, sizeof reason, "%s: %s", what, strerror(errno));
  return refuse(supervisor, reason);
}

int supervise(const struct options *options) {
  struct supervisor supervisor = {
      .options = options,
      .control = options->control,
      .outputs = {{.pipe = -1, .file = -1}, {.pipe = -1, .file = -1}},
  };
  // Nothing that we were given is the task's: the control stream, the lock, what a careless starter left open.
  if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0) return refuse_with_error(&supervisor, "cannot close descriptors");
  if (options->detached) setsid();  // fails where the starter has done it already
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) return refuse_with_error(&supervisor, "cannot become a subreaper");
  supervisor.signals = open_signals();
  if (supervisor.signals < 0) return refuse_with_error(&supervisor, "cannot receive signals");
  int writers[2] = {-1, -1};
  for (int i = 0; i < 2; i++) {
    const char *path = options->output[i];
    if (path == NULL) continue;
    writers[i] = output_open(&supervisor.outputs[i], path, options->limit, options->detached ? 0600 : 0644);
    if (writers[i] < 0) return refuse_with_error(&supervisor, path);
  }
  if (options->lock >= 0 && !sign_lock(options->lock)) return refuse_with_error(&supervisor, "cannot write the lock file");
  char reason[512];
  supervisor.task = task_start(options, writers, reason, sizeof reason);
  for (int i = 0; i < 2; i++) {
    if (writers[i] >= 0) close(writers[i]);
  }
  char line[64];
  snprintf(line, sizeof line, "started %d\n", (int)supervisor.task);
  if (supervisor.task > 0) tell(&supervisor, line);
  int code = 0;
  if (supervisor.task < 0) code = refuse(&supervisor, reason);
  if (options->ready >= 0) {
    ssize_t ignored = write(options->ready, "ready\n", 6);
    (void)ignored;
    close(options->ready);
  }
  if (supervisor.task < 0) return code;
  run_to_the_end(&supervisor);
  flush_outputs(&supervisor);
  if (options->detached && supervisor.cancelled) record(&supervisor, "cancelled\n");
  if (options->detached) leave_reader(&supervisor);
  for (int i = 0; i < 2; i++) free(supervisor.outputs[i].tail);
  return 0;
}
