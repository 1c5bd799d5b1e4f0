#pragma once
#if !__has_include(<curl/curl.h>)
#error "install the Debian package libcurl4-openssl-dev (scripts/setup build)"
#endif
#include <curl/curl.h>
