#pragma once
#if !__has_include(<yaml.h>)
#error "install the Debian package libyaml-dev (scripts/setup build)"
#endif
#include <yaml.h>
