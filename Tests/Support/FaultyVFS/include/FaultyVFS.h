#pragma once

// A layer between SQLite and its files (https://www.sqlite.org/vfs.html) that lets something go wrong at chosen operations.
// Once installed it is SQLite's default in this process, and passes everything through until it is armed.

enum faulty_vfs_action {
  /// SIGKILL to this process before the operation.
  FAULTY_VFS_KILL_BEFORE = 1,
  /// SIGKILL to this process after it.
  FAULTY_VFS_KILL_AFTER = 2,
  /// The first half of what is to be written, then SIGKILL.
  FAULTY_VFS_KILL_TORN = 3,
  /// The disk is full.
  FAULTY_VFS_FULL = 4,
  /// The disk fails.
  FAULTY_VFS_ERROR = 5,
  /// The disk fails after the first half of what is to be written.
  FAULTY_VFS_TORN_ERROR = 6,
};

/// Makes it the default. Idempotent. Returns 0, or SQLite's error.
int faulty_vfs_install(void);

/// Counts writes, truncations and syncs of files whose path begins with `prefix`, from 1, and lets `action` happen to those
/// numbered `first` to `first + count - 1`. A former plan is forgotten. An empty prefix means no file. With action 0 it only counts.
void faulty_vfs_arm(const char *prefix, int action, long first, long count);

/// The operations counted since it was armed.
long faulty_vfs_count(void);

/// Those to which something happened.
long faulty_vfs_faults(void);
