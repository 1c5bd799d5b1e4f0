#pragma once

/// Names the calling thread for `ps -L` and debuggers; Linux keeps 15 bytes.
void cposix_name_thread(const char *name);
