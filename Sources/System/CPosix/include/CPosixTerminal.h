#pragma once

/// How many columns the terminal has at this moment; -1 where the descriptor is no terminal or does not say.
int cposix_terminal_columns(int descriptor);
