#pragma once
#if !__has_include(<seccomp.h>)
#error "install the Debian package libseccomp-dev (scripts/setup build)"
#endif
#include <seccomp.h>
