#pragma once
#if !__has_include(<sqlite3.h>)
#error "install the Debian package libsqlite3-dev (scripts/setup build)"
#endif
#include <sqlite3.h>
