// What libmicrohttpd does at best, to compare with: `bare-server SIZE` serves so many bytes from its own thread, to any
// request, as soon as that is read. A request for /wait gets them in a stream that does not end: once at first, and again
// at each SIGUSR1. Prints its port; runs until it is killed.
#define _GNU_SOURCE
#include <microhttpd.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { connection_limit = 2000 };

struct stream {
  struct MHD_Connection *connection;
  atomic_bool is_due;
};

static char *body;
static size_t body_size;
// Never taken out: who stops to listen stays here, suspended, until the program is killed.
static struct stream streams[connection_limit];
static atomic_size_t stream_count;

/// Suspended whenever there is nothing to send, so that a stream that waits takes no time.
static ssize_t next_bytes(void *state, uint64_t position, char *buffer, size_t room) {
  (void)position;
  struct stream *stream = state;
  if (!atomic_exchange(&stream->is_due, 0)) {
    MHD_suspend_connection(stream->connection);
    return 0;
  }
  size_t size = body_size < room ? body_size : room;
  memcpy(buffer, body, size);
  return (ssize_t)size;
}

static enum MHD_Result begin_stream(struct MHD_Connection *connection) {
  size_t count = atomic_load(&stream_count);
  if (count == connection_limit) return MHD_NO;
  struct stream *stream = &streams[count];
  stream->connection = connection;
  atomic_store(&stream->is_due, 1);
  atomic_store(&stream_count, count + 1);
  struct MHD_Response *response =
      MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, body_size, next_bytes, stream, NULL);
  if (!response) return MHD_NO;
  enum MHD_Result result = MHD_queue_response(connection, 200, response);
  MHD_destroy_response(response);
  return result;
}

static enum MHD_Result answer(
    void *response, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
    const char *data, size_t *size, void **state) {
  (void)method, (void)version, (void)data;
  // First comes the head, then the body, and with the last call the answer is due.
  if (!*state) {
    *state = response;
    return MHD_YES;
  }
  if (*size) {
    *size = 0;
    return MHD_YES;
  }
  *state = NULL;
  return strcmp(url, "/wait") == 0 ? begin_stream(connection) : MHD_queue_response(connection, 200, response);
}

int main(int count, char **arguments) {
  body_size = count > 1 ? strtoul(arguments[1], NULL, 10) : 0;
  body = malloc(body_size + 1);
  if (!body) return 1;
  memset(body, 'x', body_size);
  // For the daemon's thread too: only `sigwait` below takes it.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  struct MHD_Response *response = MHD_create_response_from_buffer(body_size, body, MHD_RESPMEM_PERSISTENT);
  struct MHD_Daemon *daemon = MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, answer, response,
      MHD_OPTION_CONNECTION_LIMIT, (unsigned)connection_limit, MHD_OPTION_END);
  const union MHD_DaemonInfo *port = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
  if (!port) return 1;
  printf("%u\n", port->port);
  fflush(stdout);
  for (int number;;) {
    if (sigwait(&signals, &number) != 0) return 1;
    for (size_t place = 0; place < atomic_load(&stream_count); place++) {
      atomic_store(&streams[place].is_due, 1);
      MHD_resume_connection(streams[place].connection);
    }
  }
}
