#define _GNU_SOURCE
#include "supervisor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct process {
  pid_t pid, parent;
  unsigned long long started;  // clock ticks since boot: tells a process from a later one of the same id
  bool below;
};

/// Reads /proc/PID/stat. Zombies count as gone: they cannot be signalled and have no children.
static bool read_process(pid_t pid, struct process *process) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  if (count <= 0) return false;
  text[count] = '\0';
  // The name in parentheses may hold anything, closing parentheses too: the last one ends it.
  char *rest = strrchr(text, ')');
  char state;
  int parent;
  unsigned long long started;
  if (rest == NULL ||
      sscanf(rest + 1, " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &state, &parent,
             &started) != 3) {
    return false;
  }
  *process = (struct process){.pid = pid, .parent = parent, .started = started};
  return state != 'Z' && state != 'X';
}

static struct process *all_processes(size_t *count) {
  static struct process *processes;  // kept from call to call: a loop that kills must not fail for lack of memory
  static size_t capacity;
  *count = 0;
  DIR *folder = opendir("/proc");
  if (folder == NULL) return processes;
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    char *end = NULL;
    long pid = strtol(entry->d_name, &end, 10);
    if (pid <= 0 || *end != '\0') continue;
    if (*count == capacity) {
      size_t larger = capacity == 0 ? 512 : capacity * 2;
      struct process *grown = realloc(processes, larger * sizeof *grown);
      if (grown == NULL) break;
      processes = grown;
      capacity = larger;
    }
    if (read_process((pid_t)pid, &processes[*count])) *count += 1;
  }
  closedir(folder);
  return processes;
}

static int by_pid(const void *left, const void *right) {
  pid_t a = ((const struct process *)left)->pid, b = ((const struct process *)right)->pid;
  return (a > b) - (a < b);
}

static void mark_descendants(struct process *processes, size_t count) {
  qsort(processes, count, sizeof *processes, by_pid);
  pid_t self = getpid();
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 0; i < count; i++) {
      if (processes[i].below) continue;
      struct process key = {.pid = processes[i].parent};
      const struct process *parent = bsearch(&key, processes, count, sizeof *processes, by_pid);
      if (processes[i].parent == self || (parent != NULL && parent->below)) processes[i].below = changed = true;
    }
  }
}

static void signal_process(const struct process *process, int signal) {
  // The id may have been given to a stranger since it was read: hold the process first, then compare, then signal what is held.
  int held = (int)syscall(SYS_pidfd_open, process->pid, 0);
  if (held < 0) {
    if (errno == ENOSYS || errno == EMFILE || errno == ENFILE) kill(process->pid, signal);
    return;
  }
  struct process now;
  if (read_process(process->pid, &now) && now.started == process->started) {
    syscall(SYS_pidfd_send_signal, held, signal, NULL, 0);
  }
  close(held);
}

int descendants_signal(int signal) {
  size_t count;
  struct process *processes = all_processes(&count);
  mark_descendants(processes, count);
  int found = 0;
  for (size_t i = 0; i < count; i++) {
    if (!processes[i].below) continue;
    found += 1;
    signal_process(&processes[i], signal);
  }
  return found;
}
