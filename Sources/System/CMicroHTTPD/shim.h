#pragma once
#if !__has_include(<microhttpd.h>)
#error "install the Debian package libmicrohttpd-dev (scripts/setup build)"
#endif
#include <microhttpd.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// Typed forms of libmicrohttpd's variadic functions. `owner` is the pointer that every callback gets back.

/// Where the library's own messages go. Must live as long as the daemon.
typedef struct {
  void (*log)(void *owner, const char *message);
  void *owner;
} mhd_log_target;

typedef struct {
  unsigned connection_limit;
  unsigned inactivity_timeout_seconds;
  size_t connection_memory;
  /// PEM; NULL: no TLS. Must live as long as the daemon.
  const char *tls_certificates;
  const char *tls_key;
  mhd_log_target *log_target;
  MHD_AccessHandlerCallback access;
  MHD_NotifyConnectionCallback connection_changed;
  MHD_RequestCompletedCallback request_completed;
  void *(*target_seen)(void *owner, const char *target, struct MHD_Connection *connection);
  void *owner;
} mhd_configuration;

static inline void mhd_log(void *target, const char *format, va_list arguments) {
  char message[512];
  vsnprintf(message, sizeof message, format, arguments);
  mhd_log_target *log_target = (mhd_log_target *)target;
  log_target->log(log_target->owner, message);
}

/// Leaves the path as it was sent: the library's decoding would cut it at %00.
static inline size_t mhd_keep_escapes(void *owner, struct MHD_Connection *connection, char *text) {
  (void)owner;
  (void)connection;
  return strlen(text);
}

/// One epoll thread, which gets its connections from `mhd_add`; NULL if it cannot start.
static inline struct MHD_Daemon *mhd_start(const mhd_configuration *configuration) {
  const mhd_configuration *c = configuration;
  struct MHD_OptionItem options[] = {
      // First, or messages about the others go to stderr.
      {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)mhd_log, c->log_target},
      {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)c->request_completed, c->owner},
      {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)c->connection_changed, c->owner},
      {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)c->target_seen, c->owner},
      {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)mhd_keep_escapes, NULL},
      {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)c->connection_limit, NULL},
      {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)c->inactivity_timeout_seconds, NULL},
      {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)c->connection_memory, NULL},
      {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
      // The end of the list where there is no TLS.
      {c->tls_key ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, (void *)c->tls_certificates},
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)c->tls_key},
      {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
      {MHD_OPTION_END, 0, NULL},
  };
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | MHD_USE_NO_LISTEN_SOCKET;
  return MHD_start_daemon(
      flags | (c->tls_key ? MHD_USE_TLS : 0), 0, NULL, NULL, c->access, c->owner, MHD_OPTION_ARRAY, options,
      MHD_OPTION_END);
}

static inline int mhd_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

/// What `connection_changed` left at the connection.
static inline void *mhd_socket_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

/// For answers to HEAD: without it a body of unknown length gets a chunk.
static inline void mhd_forbid_chunks(struct MHD_Response *response) {
  MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
}

// How the library (up to 0.9.76) leaves the head of a request in its buffer: as it came, with NULs in place of the blanks of
// the first line, the colon behind a name and both bytes of each line end. What it lets pass without a word shows there: a NUL in
// a value, a line that ends with a bare LF, and a folded line, whose text it appends to the field's *name*, over colon and value
// or elsewhere. A proxy in front may understand each of them differently. Later versions refuse them themselves, and lay out
// their buffers as they like.

/// Where the next line begins if the one that ends here ended with CR LF; NULL if it did not.
static inline const char *mhd_next_line(const char *end) { return end[0] == 0 && end[1] == 0 ? end + 2 : NULL; }

/// Whether the first line is exactly method, space, target of this many bytes, space, version. Sets where the next one begins.
static inline _Bool mhd_is_request_line(
    const char *method, const char *target, size_t target_size, const char *version, const char **next) {
  if (MHD_VERSION > 0x00097600) return 1;
  if (target != method + strlen(method) + 1 || version != target + target_size + 1) return 0;
  return (*next = mhd_next_line(version + strlen(version))) != NULL;
}

/// Whether a field is the line that begins at `*next`: `name:value`, nothing in it hidden. Sets where the next one begins.
static inline _Bool mhd_is_field_line(
    const char *name, size_t name_size, const char *value, size_t value_size, const char **next) {
  if (MHD_VERSION > 0x00097600) return 1;
  const char *end = name + name_size;
  if (name != *next || !value || value <= end || *end != 0) return 0;
  for (const char *blank = end + 1; blank < value; blank++)
    if (*blank != ' ' && *blank != '\t') return 0;
  return (*next = mhd_next_line(value + value_size)) != NULL;
}

/// Whether the line that begins here is the empty one behind the fields. The buffer goes on there: the records of the fields lie
/// behind it in the same memory.
static inline _Bool mhd_is_end_of_head(const char *next) {
  return MHD_VERSION > 0x00097600 || mhd_next_line(next) != NULL;
}

static const enum MHD_ValueKind mhd_header_kind = MHD_HEADER_KIND;
static const enum MHD_ConnectionNotificationCode mhd_connection_started = MHD_CONNECTION_NOTIFY_STARTED;
static const enum MHD_ResponseMemoryMode mhd_copied = MHD_RESPMEM_MUST_COPY;
static const uint64_t mhd_size_unknown = MHD_SIZE_UNKNOWN;
