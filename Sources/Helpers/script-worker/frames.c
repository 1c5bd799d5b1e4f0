// Frames: four bytes of length, the most significant first, and that many bytes.
#define _GNU_SOURCE
#include "worker.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

volatile bool frame_is_under_way;

// What has been read and not been asked for yet: a small frame, its length included, is one read.
static char ahead[1024];
static size_t ahead_begin, ahead_end;

// Up to so many bytes; 0 at the end or when the script is to stop.
static size_t read_some(void *bytes, size_t length) {
  while (true) {
    ssize_t count = read(host_socket, bytes, length);
    if (count > 0) return (size_t)count;
    if (count == 0 || errno != EINTR || stop_reason() != stop_none) return 0;
  }
}

bool frame_read_bytes(void *bytes, size_t length) {
  char *next = bytes;
  while (length > 0) {
    size_t count = ahead_end - ahead_begin;
    if (count == 0 && length >= sizeof ahead) {
      count = read_some(next, length);
      if (count == 0) return false;
    } else {
      if (count == 0) {
        ahead_begin = 0;
        ahead_end = count = read_some(ahead, sizeof ahead);
        if (count == 0) return false;
      }
      if (count > length) count = length;
      memcpy(next, ahead + ahead_begin, count);
      ahead_begin += count;
    }
    next += count;
    length -= count;
  }
  return true;
}

int64_t frame_read_length(int64_t limit) {
  unsigned char bytes[4];
  if (!frame_read_bytes(bytes, sizeof bytes)) return -1;
  int64_t length = (int64_t)bytes[0] << 24 | (int64_t)bytes[1] << 16 | (int64_t)bytes[2] << 8 | (int64_t)bytes[3];
  return length <= limit ? length : -1;
}

static void write_all(const void *bytes, size_t length) {
  const char *next = bytes;
  while (length > 0) {
    ssize_t count = write(host_socket, next, length);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) _exit(exit_host);
    next += count;
    length -= (size_t)count;
  }
}

void frame_write(const void *first, size_t first_length, const void *second, size_t second_length) {
  size_t length = first_length + second_length;
  unsigned char head[4 + 512] = {(unsigned char)(length >> 24), (unsigned char)(length >> 16), (unsigned char)(length >> 8),
                                 (unsigned char)length};
  frame_is_under_way = true;
  size_t in_head = 0;
  // A small frame is one write.
  if (length <= sizeof head - 4) {
    for (size_t i = 0; i < first_length; i++) head[4 + in_head++] = ((const unsigned char *)first)[i];
    for (size_t i = 0; i < second_length; i++) head[4 + in_head++] = ((const unsigned char *)second)[i];
  }
  write_all(head, 4 + in_head);
  if (in_head < length) {
    write_all(first, first_length);
    write_all(second, second_length);
  }
  frame_is_under_way = false;
}
