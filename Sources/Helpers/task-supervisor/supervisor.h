// What the parts of task-supervisor share. The program is described at the top of main.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// MARK: options.c

struct options {
  bool detached;
  int control;            // descriptor of the socket to the cluster; -1 without
  int lock;               // descriptor of the locked file; -1 without
  int ready;              // descriptor that is told once that the task was started; -1 without
  int64_t kill_grace_ms;  // between SIGTERM and SIGKILL
  int64_t limit;          // bytes that an output file may have
  const char *output[2];  // files of standard output and standard error; NULL: inherited
  const char *status;     // file that gets the end's description; NULL without
  const char *user;       // whose rights the task gets; NULL: our own
  char **command;         // PROGRAM ARGS… NULL
};

/// Reads the command line. On a mistake it says so on standard error and ends the process with code 64.
struct options options_read(int argc, char **argv);

// MARK: output.c

/// A pipe whose bytes go into a file of limited size: its head, one line about what was cut, and the last bytes.
struct output {
  int pipe;            // reading end, non-blocking; -1 when its writers are gone
  int file;            // -1 without
  int64_t written;     // size of the head in the file
  int64_t head_limit;  // from here on bytes go to the tail
  int64_t cut;         // bytes past the head, those in the tail included
  char *tail;          // ring of the last bytes
  size_t tail_size;
  bool dirty;  // the tail in the file is older than the ring
};

/// Opens the file (its present content counts as head) and gives the pipe's writing end; -1 and errno on failure.
int output_open(struct output *output, const char *path, int64_t limit, mode_t mode);
/// Takes what the pipe holds now. At its end the pipe is closed.
void output_drain(struct output *output);
/// Brings the file's tail up to date.
void output_flush(struct output *output);

// MARK: task.c

/// Starts the command in a session of its own. Returns its process id, or -1 with a sentence in `reason`.
pid_t task_start(const struct options *options, const int output[2], char *reason, size_t reason_size);

// MARK: descendants.c

/// Sends a signal to each process below this one, wherever it stands, as far as one look at /proc sees them.
/// Returns how many were found.
int descendants_signal(int signal);

// MARK: status.c

/// Writes a line so that a reader finds the whole line or no file, even after a power cut: temporary file, fsync, rename, fsync of
/// the folder. Returns false with errno set.
bool status_write(const char *path, const char *line);

// MARK: loop.c

/// Runs the task to its end and the end of what it left behind. Returns the program's exit code.
int supervise(const struct options *options);
