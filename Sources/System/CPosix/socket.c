#define _GNU_SOURCE
#include "CPosixSocket.h"

#include <sys/socket.h>

int cposix_accept(int listener, void *peer, unsigned *length) {
  return accept4(listener, peer, length, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int64_t cposix_peer_user(int socket) {
  struct ucred credentials;
  socklen_t length = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
  return credentials.uid;
}
