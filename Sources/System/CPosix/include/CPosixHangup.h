#pragma once
#include <stdint.h>

// Notices when peers close their sockets, without reading from them: for sockets whose data another library reads.

/// An epoll descriptor, or -1 with errno.
int cposix_hangup_create(void);

/// Reports the end of what the socket's peer sends, once, under this number. It ends with the socket's `close`.
/// 0, or -1 with errno.
int cposix_hangup_watch(int hangups, int socket, uint64_t number);

/// Waits for at most `timeout` milliseconds; the count of numbers written, or -1 with errno.
int cposix_hangup_wait(int hangups, uint64_t *numbers, int capacity, int timeout);
