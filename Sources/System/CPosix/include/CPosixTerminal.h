#pragma once

#include <stdbool.h>

/// How large the terminal is at this moment. False where the descriptor is no terminal or does not say.
bool cposix_terminal_size(int descriptor, int *columns, int *rows);
