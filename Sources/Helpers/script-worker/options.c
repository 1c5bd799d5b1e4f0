#define _GNU_SOURCE
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void usage(const char *what, const char *value) {
  fprintf(stderr,
          "script-worker: %s%s\n"
          "usage: script-worker --protocol %d --cpu MS --memory BYTES --frame BYTES\n"
          "It is started by stack-deploy, with a socket as descriptor %d.\n",
          what, value, PROTOCOL_VERSION, host_socket);
  exit(exit_usage);
}

static int64_t number(const char *option, const char *text) {
  char *end = NULL;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || value <= 0) usage("not a positive number: ", option);
  return value;
}

struct options options_read(int argc, char **argv) {
  struct options options = {0, 0, 0};
  int64_t protocol = 0;
  for (int i = 1; i < argc; i += 2) {
    const char *name = argv[i];
    if (i + 1 >= argc) usage("value missing or unknown option: ", name);
    int64_t value = number(name, argv[i + 1]);
    if (strcmp(name, "--protocol") == 0) protocol = value;
    else if (strcmp(name, "--cpu") == 0) options.cpu_ms = value;
    else if (strcmp(name, "--memory") == 0) options.memory_bytes = value;
    else if (strcmp(name, "--frame") == 0) options.frame_bytes = value;
    else usage("unknown option: ", name);
  }
  if (protocol != PROTOCOL_VERSION) usage("another protocol than that of this version", "");
  if (options.cpu_ms == 0 || options.memory_bytes == 0 || options.frame_bytes == 0) usage("an option is missing", "");
  if (fcntl(host_socket, F_GETFD) < 0) usage("there is no host", "");
  return options;
}
