#pragma once
#include <stdint.h>

// Socket calls that Swift's Glibc module does not have.

/// The next connection of a listening socket, close-on-exec and non-blocking, with its peer's address; -1 with errno.
/// `peer` is a `sockaddr` with room for `*length` bytes, which becomes what was written.
int cposix_accept(int listener, void *peer, unsigned *length);

/// The user of the process that connected over a Unix socket; -1 if it is none or is not known.
int64_t cposix_peer_user(int socket);
