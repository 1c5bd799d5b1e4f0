#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { largest_tail = 64 * 1024, drained_at_once = 64 };

int output_open(struct output *output, const char *path, int64_t limit, mode_t mode) {
  // Not O_APPEND: pwrite would then ignore its offset.
  output->file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, mode);
  if (output->file < 0) return -1;
  struct stat status;
  int ends[2];
  if (fstat(output->file, &status) < 0 || pipe2(ends, O_CLOEXEC) < 0) return -1;
  output->tail_size = (size_t)(limit / 4 < largest_tail ? limit / 4 : largest_tail);
  output->tail = output->tail_size > 0 ? malloc(output->tail_size) : NULL;
  if (output->tail == NULL) output->tail_size = 0;
  output->head_limit = limit - (int64_t)output->tail_size;
  output->written = status.st_size;
  if (output->head_limit < output->written) output->head_limit = output->written;
  output->cut = 0;
  output->dirty = false;
  output->pipe = ends[0];
  fcntl(output->pipe, F_SETFL, O_NONBLOCK);
  return ends[1];
}

static int64_t write_at(int file, const char *bytes, size_t count, int64_t offset) {
  size_t done = 0;
  while (done < count) {
    ssize_t written = pwrite(file, bytes + done, count - done, offset + (int64_t)done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;  // a full disk: the output is lost, the task goes on
    done += (size_t)written;
  }
  return (int64_t)done;
}

static void keep_in_tail(struct output *output, const char *bytes, size_t count) {
  for (size_t done = 0; done < count && output->tail_size > 0;) {
    size_t position = (size_t)(output->cut + (int64_t)done) % output->tail_size;
    size_t part = output->tail_size - position;
    if (part > count - done) part = count - done;
    memcpy(output->tail + position, bytes + done, part);
    done += part;
  }
  output->cut += (int64_t)count;
  output->dirty = true;
}

static void take(struct output *output, const char *bytes, size_t count) {
  int64_t room = output->head_limit - output->written;
  size_t head = output->cut > 0 || room <= 0 ? 0 : (int64_t)count < room ? count : (size_t)room;
  if (head > 0) output->written += write_at(output->file, bytes, head, output->written);
  if (count > head) keep_in_tail(output, bytes + head, count - head);
}

void output_drain(struct output *output) {
  static char buffer[64 * 1024];
  // A task that never stops writing must not keep the loop here for ever.
  for (int round = 0; output->pipe >= 0 && round < drained_at_once; round++) {
    ssize_t count = read(output->pipe, buffer, sizeof buffer);
    if (count > 0) {
      take(output, buffer, (size_t)count);
      continue;
    }
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    close(output->pipe);
    output->pipe = -1;
  }
}

void output_flush(struct output *output) {
  if (!output->dirty) return;
  output->dirty = false;
  int64_t size = (int64_t)output->tail_size < output->cut ? (int64_t)output->tail_size : output->cut;
  int64_t lost = output->cut - size;
  int64_t end = output->written;
  if (lost > 0) {
    char line[96];
    int length = snprintf(line, sizeof line, "\n[output was cut here: %lld bytes are missing]\n", (long long)lost);
    end += write_at(output->file, line, (size_t)length, end);
  }
  size_t start = size > 0 ? (size_t)(lost % (int64_t)output->tail_size) : 0;
  size_t first = output->tail_size - start < (size_t)size ? output->tail_size - start : (size_t)size;
  end += write_at(output->file, output->tail + start, first, end);
  end += write_at(output->file, output->tail, (size_t)size - first, end);
  while (ftruncate(output->file, end) < 0 && errno == EINTR) continue;
}
