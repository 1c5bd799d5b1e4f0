// task-supervisor: runs one program and answers for all of its descendants.
//
// It is a subreaper, so a process that forks twice or opens a session of its own still ends up below it, and "no child is left"
// (ECHILD) proves that no descendant is left.
//
// 1. task-supervisor --control FD [--kill-grace MS] [--stdout FILE] [--stderr FILE] [--limit BYTES] [--status FILE] [--user NAME]
//      -- PROGRAM ARGS…
//    runs a task of the embedded cluster. On FD, a stream socket, it writes the lines `started PID`, then `exited CODE` or
//    `signalled NUMBER`, or instead of all of them `failed REASON`. The line `term` from the other side, or SIGTERM, ends all
//    descendants: SIGTERM, and after the grace SIGKILL. So does the end of the program itself, and, with a short grace, the end of the
//    stream (the cluster died). The process ends when nothing is left.
// 2. task-supervisor --detached --lock FD --status FILE [--ready FD] [the options above] -- PROGRAM ARGS…
//    runs a hook that outlives the server. FD is an open file that the starter has locked with flock; the process writes its id into it,
//    keeps the lock, which the program does not inherit, and lets go of it after the status file is in place. The program's end is the
//    end: what it left in the background lives on. SIGTERM cancels: all descendants end, and the status is `cancelled`.
//
// Status line: `exited CODE`, `signalled NUMBER`, `cancelled` or `failed REASON`.
// Exit code: 0, also when the program failed; 64 wrong usage; 71 when the system refused something.
#include "supervisor.h"

int main(int argc, char **argv) {
  struct options options = options_read(argc, argv);
  return supervise(&options);
}
