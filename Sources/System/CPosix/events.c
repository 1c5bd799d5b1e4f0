#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "CPosixProcess.h"

enum { largest_batch = 64 };

int cposix_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int cposix_epoll_add_reader(int epoll, int descriptor, uint64_t token) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.u64 = token};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int cposix_epoll_add_writer(int epoll, int descriptor, uint64_t token) {
  struct epoll_event event = {.events = EPOLLOUT, .data.u64 = token};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int cposix_epoll_remove(int epoll, int descriptor) { return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL); }

int cposix_epoll_wait(int epoll, uint64_t *tokens, int capacity, int timeout_ms) {
  struct epoll_event events[largest_batch];
  int count = epoll_wait(epoll, events, capacity < largest_batch ? capacity : largest_batch, timeout_ms);
  for (int i = 0; i < count; i++) tokens[i] = events[i].data.u64;
  return count;
}

int cposix_stream_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends); }

int cposix_duplicate(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 0); }

int cposix_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
