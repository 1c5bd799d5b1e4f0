import CPosix

/// Returns to the system what the process has freed. The C library by itself returns only what lies at the end of its heaps,
/// and keeps the rest for later.
package func giveBackFreeMemory() { cposix_give_back_memory() }
