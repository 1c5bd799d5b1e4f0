#pragma once
#include <stddef.h>

/// From now on memory of a mebibyte or more goes back to the system as soon as it is freed. The C library would, after the first such
/// piece was freed, take others from its heap and keep what they leave there.
void cposix_return_large_memory(void);

/// Gives back the memory that only the start of a long-lived program needed: free pages of the heap, and the pages of
/// program text and constants, of which those that are used come back from the page cache one by one. Takes some milliseconds.
void cposix_forget_start(void);

/// Gives back the whole pages within this memory, which stays usable: what they hold is lost, so nobody may need it any more.
void cposix_discard(void *memory, size_t size);

/// Gives back what the C library has kept of freed memory, in all of its heaps. Takes tens of
/// milliseconds where that is much.
void cposix_give_back_memory(void);
