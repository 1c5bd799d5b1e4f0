#pragma once
#if !__has_include(<microhttpd.h>)
#error "install the Debian package libmicrohttpd-dev (scripts/setup build)"
#endif
#include <microhttpd.h>
