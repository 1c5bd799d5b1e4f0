// Starting processes, and the events of processes and descriptors: Linux calls and packed structures that Swift does not import.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/// A descriptor that the child gets: `ours` under the number `child`.
struct cposix_descriptor {
  int child;
  int ours;
};

struct cposix_spawn_request {
  const char *executable;          // a path; no search
  int executable_descriptor;       // the open program to run instead of the path's; -1: none
  char *const *arguments;          // argv, NULL at the end
  char *const *environment;        // envp, NULL at the end
  const char *working_directory;   // NULL: ours
  const struct cposix_descriptor *descriptors;
  int descriptor_count;            // at most 64
  bool new_session;                // else a process group alone
};

/// Starts a program with exactly the given descriptors, default signal handlers, an empty signal mask and the soft descriptor limit from
/// before `cposix_raise_descriptor_limit`. On success 0, with the process id and a close-on-exec pidfd. Else an errno, and
/// `failed_step` points to a literal that completes "cannot …".
int cposix_spawn(const struct cposix_spawn_request *request, pid_t *pid, int *pidfd, const char **failed_step);

/// Raises the soft limit of open descriptors to the hard one. Call it once, before other threads start processes. Returns the new limit.
uint64_t cposix_raise_descriptor_limit(void);

/// A close-on-exec pidfd of any process; -1 and errno.
int cposix_pidfd_open(pid_t pid);
/// Signals the very process that the pidfd holds; -1 and errno.
int cposix_pidfd_signal(int pidfd, int signal);

/// Collects a child by its pidfd. 1: it has ended, by exit (`*signalled` false) or signal, with `*value`; 0: it still runs; -1 and errno
/// (ECHILD: not ours).
int cposix_pidfd_reap(int pidfd, bool *signalled, int *value);

/// Makes orphaned descendants children of this process instead of init's; -1 and errno.
int cposix_become_subreaper(void);

/// Close-on-exec forms; -1 and errno.
int cposix_epoll_create(void);
/// Level-triggered: readable, or closed by the other side.
int cposix_epoll_add_reader(int epoll, int descriptor, uint64_t token);
/// Level-triggered: has room for writing, or closed by the other side.
int cposix_epoll_add_writer(int epoll, int descriptor, uint64_t token);
int cposix_epoll_remove(int epoll, int descriptor);
/// Fills `tokens` with up to `capacity` (at most 64) ready tokens and returns their number; -1 and errno.
int cposix_epoll_wait(int epoll, uint64_t *tokens, int capacity, int timeout_ms);
int cposix_stream_pair(int ends[2]);
int cposix_duplicate(int descriptor);
int cposix_pipe(int ends[2]);
