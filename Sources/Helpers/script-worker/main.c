// script-worker: runs one Lua script for stack-deploy, locked in.
//
//   script-worker --protocol 5 --cpu MS --memory BYTES --frame BYTES
//
// Its only way to the world is descriptor 3, a stream socket to its host, with frames of four bytes of length and a payload: JSON, or
// after `>` bytes that the script printed, or the script's source. The first frame it sends says that it is ready and locked in:
// no new privileges, limits on CPU, memory, files and descriptors, and a filter that answers any system call but those for memory, time,
// exit, reading and writing on that socket with the end of the process (confinement.c). Then it takes one invocation (invocation.c),
// runs it with budgets that no script can catch (budgets.c), says how it ended, and ends.
//
// A script may break the VM: what limits it is the process and what the host checks, not the Lua surface. The host trusts no frame.
//
// Every Lua call that can raise stands below a lua_pcall of invocation.c.
#define _GNU_SOURCE
#include "worker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void refuse(const char *what) {
  char frame[256];
  int length = snprintf(frame, sizeof frame, "{\"op\":\"refused\",\"message\":\"cannot %s: %s\"}", what, strerror(errno));
  frame_write(frame, (size_t)length, NULL, 0);
  _exit(exit_confined);
}

int main(int argc, char **argv) {
  struct options options = options_read(argc, argv);
  const char *failed = budgets_start(&options);
  if (failed == NULL) failed = confine(&options);
  if (failed != NULL) refuse(failed);
  static const char ready[] = "{\"op\":\"ready\",\"protocol\":5}";
  _Static_assert(PROTOCOL_VERSION == 5, "the frame above names the version");
  frame_write(ready, sizeof ready - 1, NULL, 0);
  struct memory memory = {.limit = (size_t)options.memory_bytes};
  invocation_serve(&options, &memory);
  _exit(exit_told);
}
