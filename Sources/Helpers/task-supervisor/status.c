#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool write_and_sync(int file, const char *line) {
  size_t length = strlen(line), done = 0;
  while (done < length) {
    ssize_t written = write(file, line + done, length - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    done += (size_t)written;
  }
  return fsync(file) == 0;
}

static bool sync_folder(const char *path) {
  char folder[PATH_MAX];
  const char *slash = strrchr(path, '/');
  snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path + 1) : 1, slash ? path : ".");
  int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  bool synced = fsync(descriptor) == 0;
  close(descriptor);
  return synced;
}

bool status_write(const char *path, const char *line) {
  char temporary[PATH_MAX];
  if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary) {
    errno = ENAMETOOLONG;
    return false;
  }
  int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  bool written = write_and_sync(file, line);
  close(file);
  return written && rename(temporary, path) == 0 && sync_folder(path);
}
