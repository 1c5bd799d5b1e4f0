#include "CPosixHangup.h"

#include <sys/epoll.h>

enum { batch = 64 };

int cposix_hangup_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int cposix_hangup_watch(int hangups, int socket, uint64_t number) {
  struct epoll_event event = {.events = EPOLLRDHUP | EPOLLONESHOT, .data.u64 = number};
  return epoll_ctl(hangups, EPOLL_CTL_ADD, socket, &event);
}

int cposix_hangup_wait(int hangups, uint64_t *numbers, int capacity, int timeout) {
  struct epoll_event events[batch];
  int count = epoll_wait(hangups, events, capacity < batch ? capacity : batch, timeout);
  for (int i = 0; i < count; i++) numbers[i] = events[i].data.u64;
  return count;
}
