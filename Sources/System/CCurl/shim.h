// libcurl seen from Swift: its variadic functions in typed forms, and the few epoll calls of the thread that drives it.
#pragma once
#if !__has_include(<curl/curl.h>)
#error "install the Debian package libcurl4-openssl-dev (scripts/setup build)"
#endif
#include <curl/curl.h>
#include <errno.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

// Options of an easy handle, by the type of their value.
static inline CURLcode curlshim_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode curlshim_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode curlshim_set_string(CURL *easy, CURLoption option, const char *_Nullable value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode curlshim_set_pointer(CURL *easy, CURLoption option, void *_Nullable value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode curlshim_set_list(CURL *easy, CURLoption option, struct curl_slist *_Nullable value) {
  return curl_easy_setopt(easy, option, value);
}
static inline CURLcode curlshim_set_empty_body(CURL *easy) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, 0L);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
}
static inline CURLcode curlshim_set_data_function(CURL *easy, CURLoption option, curl_write_callback function) {
  return curl_easy_setopt(easy, option, function);
}
static inline CURLcode curlshim_set_open_socket(CURL *easy, curl_opensocket_callback function, void *context) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, context);
  return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, function);
}
static inline long curlshim_get_long(CURL *easy, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

// The multi handle.
static inline CURLMcode curlshim_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}
static inline CURLMcode curlshim_multi_set_socket_function(
    CURLM *multi, curl_socket_callback function, void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
  return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, function);
}
static inline CURLMcode curlshim_multi_set_timer_function(
    CURLM *multi, curl_multi_timer_callback function, void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
  return code != CURLM_OK ? code : curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, function);
}
// 1 when the message says that a transfer is done; then `result` holds how it ended.
static inline int curlshim_is_done(const CURLMsg *message, CURLcode *result) {
  if (message->msg != CURLMSG_DONE) return 0;
  *result = message->data.result;
  return 1;
}

// The sockets that libcurl wants watched, and one eventfd with which other threads wake the event thread.
typedef struct curlshim_event {
  int descriptor;
  int mask;  // CURL_CSELECT_IN | _OUT | _ERR
} curlshim_event;

enum { CURLSHIM_EVENTS_AT_ONCE = 128 };

static inline int curlshim_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
static inline int curlshim_wakeup_create(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
static inline void curlshim_wakeup_send(int descriptor) {
  uint64_t one = 1;
  // The only failure of a valid eventfd is a full counter, and then the thread is woken already.
  ssize_t written = write(descriptor, &one, sizeof one);
  (void)written;
}
static inline void curlshim_wakeup_clear(int descriptor) {
  uint64_t count;
  ssize_t got = read(descriptor, &count, sizeof count);
  (void)got;
}
// `what`: CURL_POLL_IN, _OUT, _INOUT, _NONE or _REMOVE. 0, or -1 with errno.
static inline int curlshim_epoll_watch(int epoll, int descriptor, int what) {
  if (what == CURL_POLL_REMOVE) return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
  struct epoll_event event = {.events = 0, .data.fd = descriptor};
  if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) event.events |= EPOLLIN;
  if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) event.events |= EPOLLOUT;
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0) return 0;
  return errno == ENOENT ? epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) : -1;
}
// The number of events; 0 after the timeout and after a signal. Milliseconds, -1: no timeout.
static inline int curlshim_epoll_wait(int epoll, curlshim_event *into, int milliseconds) {
  struct epoll_event events[CURLSHIM_EVENTS_AT_ONCE];
  int count = epoll_wait(epoll, events, CURLSHIM_EVENTS_AT_ONCE, milliseconds);
  if (count < 0) return 0;
  for (int i = 0; i < count; i++) {
    int mask = 0;
    if (events[i].events & (EPOLLIN | EPOLLHUP)) mask |= CURL_CSELECT_IN;
    if (events[i].events & EPOLLOUT) mask |= CURL_CSELECT_OUT;
    if (events[i].events & EPOLLERR) mask |= CURL_CSELECT_ERR;
    into[i] = (curlshim_event){.descriptor = events[i].data.fd, .mask = mask};
  }
  return count;
}

// The address that libcurl is about to connect to; a socket for it that no child process inherits.
static inline const struct sockaddr *curlshim_address(const struct curl_sockaddr *address) { return &address->addr; }
static inline int curlshim_open_socket(const struct curl_sockaddr *address) {
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}
