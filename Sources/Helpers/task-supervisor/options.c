#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void usage(const char *what, const char *value) {
  fprintf(stderr,
          "task-supervisor: %s%s\n"
          "usage: task-supervisor --control FD [--kill-grace MS] [--stdout FILE] [--stderr FILE] [--limit BYTES]\n"
          "                       [--status FILE] [--user NAME] -- PROGRAM [ARGUMENT…]\n"
          "       task-supervisor --detached --lock FD --status FILE [--ready FD] [the options above] -- PROGRAM [ARGUMENT…]\n",
          what, value);
  exit(64);
}

static int64_t number(const char *option, const char *text) {
  char *end = NULL;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || value < 0) usage("not a number: ", option);
  return value;
}

static int descriptor(const char *option, const char *text) {
  int64_t value = number(option, text);
  if (value > 65535 || fcntl((int)value, F_GETFD) < 0) usage("not an open descriptor: ", option);
  return (int)value;
}

struct options options_read(int argc, char **argv) {
  struct options options = {
      .control = -1, .lock = -1, .ready = -1, .kill_grace_ms = 3000, .limit = INT64_C(64) * 1024 * 1024};
  int i = 1;
  for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
    const char *name = argv[i];
    if (strcmp(name, "--detached") == 0) {
      options.detached = true;
      continue;
    }
    if (i + 1 >= argc) usage("value missing or unknown option: ", name);
    const char *value = argv[++i];
    if (strcmp(name, "--control") == 0) options.control = descriptor(name, value);
    else if (strcmp(name, "--lock") == 0) options.lock = descriptor(name, value);
    else if (strcmp(name, "--ready") == 0) options.ready = descriptor(name, value);
    else if (strcmp(name, "--kill-grace") == 0) options.kill_grace_ms = number(name, value);
    else if (strcmp(name, "--limit") == 0) options.limit = number(name, value);
    else if (strcmp(name, "--stdout") == 0) options.output[0] = value;
    else if (strcmp(name, "--stderr") == 0) options.output[1] = value;
    else if (strcmp(name, "--status") == 0) options.status = value;
    else if (strcmp(name, "--user") == 0) options.user = value;
    else usage("unknown option: ", name);
  }
  if (i + 1 >= argc) usage("PROGRAM missing", "");
  options.command = argv + i + 1;
  if (options.detached && (options.lock < 0 || options.status == NULL)) usage("--detached needs --lock and --status", "");
  if (!options.detached && options.control < 0) usage("--control or --detached missing", "");
  return options;
}
