// What libmicrohttpd answers at best, to compare with: `bare-server SIZE` serves so many bytes from its own thread, to any
// request, as soon as that is read. Prints its port; runs until it is killed.
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum MHD_Result answer(
    void *response, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
    const char *data, size_t *size, void **state) {
  (void)url, (void)method, (void)version, (void)data;
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
  return MHD_queue_response(connection, 200, response);
}

int main(int count, char **arguments) {
  size_t size = count > 1 ? strtoul(arguments[1], NULL, 10) : 0;
  char *body = malloc(size + 1);
  if (!body) return 1;
  memset(body, 'x', size);
  struct MHD_Response *response = MHD_create_response_from_buffer(size, body, MHD_RESPMEM_PERSISTENT);
  struct MHD_Daemon *daemon = MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, response, MHD_OPTION_CONNECTION_LIMIT, 2000U,
      MHD_OPTION_END);
  const union MHD_DaemonInfo *port = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
  if (!port) return 1;
  printf("%u\n", port->port);
  fflush(stdout);
  for (;;) pause();
}
