#pragma once

/// Gives back the memory that only the start of a long-lived program needed: free pages of the heap, and the pages of
/// program text, of which those that are used come back from the page cache one by one. Takes some milliseconds.
void cposix_forget_start(void);
