#define _DEFAULT_SOURCE
#include "FaultyVFS.h"

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  sqlite3_file base;
  // Valid until the file is closed, says SQLite; NULL for a temporary one.
  const char *name;
  // The file of the layer below follows.
} faulty_file;

static sqlite3_vfs *below;
static sqlite3_vfs layer;
static sqlite3_io_methods methods;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char prefix[1024];
static int action;
static long first, last, counted, happened;

static sqlite3_file *real(sqlite3_file *file) {
  return (sqlite3_file *)((char *)file + sizeof(faulty_file));
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/// What is to happen to this operation; 0 for nothing.
static int next(sqlite3_file *file) {
  const char *name = ((faulty_file *)file)->name;
  pthread_mutex_lock(&mutex);
  if (name == NULL || prefix[0] == 0 || strncmp(name, prefix, strlen(prefix)) != 0) {
    pthread_mutex_unlock(&mutex);
    return 0;
  }
  counted++;
  int now = (action != 0 && counted >= first && counted <= last) ? action : 0;
  if (now) happened++;
  pthread_mutex_unlock(&mutex);
  return now;
}

static int faulty_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  int now = next(file);
  sqlite3_file *below_file = real(file);
  switch (now) {
    case FAULTY_VFS_KILL_BEFORE: die();
    case FAULTY_VFS_FULL: return SQLITE_FULL;
    case FAULTY_VFS_ERROR: return SQLITE_IOERR_WRITE;
    case FAULTY_VFS_KILL_TORN:
    case FAULTY_VFS_TORN_ERROR:
      below_file->pMethods->xWrite(below_file, bytes, count / 2, offset);
      if (now == FAULTY_VFS_KILL_TORN) die();
      return SQLITE_IOERR_WRITE;
    default: break;
  }
  int result = below_file->pMethods->xWrite(below_file, bytes, count, offset);
  if (now == FAULTY_VFS_KILL_AFTER) die();
  return result;
}

/// What happens in place of an operation that nothing can be torn of; SQLITE_OK if it goes on.
static int fail_before(int now, int error) {
  switch (now) {
    case FAULTY_VFS_KILL_BEFORE:
    case FAULTY_VFS_KILL_TORN: die();
    case FAULTY_VFS_FULL: return SQLITE_FULL;
    case FAULTY_VFS_ERROR:
    case FAULTY_VFS_TORN_ERROR: return error;
    default: return SQLITE_OK;
  }
}

static int faulty_truncate(sqlite3_file *file, sqlite3_int64 size) {
  int now = next(file);
  int failure = fail_before(now, SQLITE_IOERR_TRUNCATE);
  if (failure != SQLITE_OK) return failure;
  sqlite3_file *below_file = real(file);
  int result = below_file->pMethods->xTruncate(below_file, size);
  if (now == FAULTY_VFS_KILL_AFTER) die();
  return result;
}

static int faulty_sync(sqlite3_file *file, int flags) {
  int now = next(file);
  int failure = fail_before(now, SQLITE_IOERR_FSYNC);
  if (failure != SQLITE_OK) return failure;
  sqlite3_file *below_file = real(file);
  int result = below_file->pMethods->xSync(below_file, flags);
  if (now == FAULTY_VFS_KILL_AFTER) die();
  return result;
}

// Passed through.

static int faulty_close(sqlite3_file *file) {
  sqlite3_file *below_file = real(file);
  return below_file->pMethods ? below_file->pMethods->xClose(below_file) : SQLITE_OK;
}
static int faulty_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  return real(file)->pMethods->xRead(real(file), bytes, count, offset);
}
static int faulty_size(sqlite3_file *file, sqlite3_int64 *size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}
static int faulty_lock(sqlite3_file *file, int lock) { return real(file)->pMethods->xLock(real(file), lock); }
static int faulty_unlock(sqlite3_file *file, int lock) { return real(file)->pMethods->xUnlock(real(file), lock); }
static int faulty_reserved(sqlite3_file *file, int *is_reserved) {
  return real(file)->pMethods->xCheckReservedLock(real(file), is_reserved);
}
static int faulty_control(sqlite3_file *file, int operation, void *argument) {
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
static int faulty_sector(sqlite3_file *file) { return real(file)->pMethods->xSectorSize(real(file)); }
static int faulty_characteristics(sqlite3_file *file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
static int faulty_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory) {
  return real(file)->pMethods->xShmMap(real(file), page, size, extend, memory);
}
static int faulty_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
static void faulty_shm_barrier(sqlite3_file *file) { real(file)->pMethods->xShmBarrier(real(file)); }
static int faulty_shm_unmap(sqlite3_file *file, int remove) {
  return real(file)->pMethods->xShmUnmap(real(file), remove);
}

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
  (void)vfs;
  faulty_file *ours = (faulty_file *)file;
  memset(file, 0, (size_t)layer.szOsFile);
  int result = below->xOpen(below, name, real(file), flags, out);
  if (result != SQLITE_OK) return result;
  ours->name = name;
  ours->base.pMethods = &methods;
  return SQLITE_OK;
}

int faulty_vfs_install(void) {
  static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&once);
  int result = SQLITE_OK;
  if (below == NULL) {
    below = sqlite3_vfs_find(NULL);
    layer = *below;
    layer.zName = "faulty";
    layer.pNext = NULL;
    layer.szOsFile = below->szOsFile + (int)sizeof(faulty_file);
    layer.xOpen = faulty_open;
    methods = (sqlite3_io_methods){
      .iVersion = 2,
      .xClose = faulty_close,
      .xRead = faulty_read,
      .xWrite = faulty_write,
      .xTruncate = faulty_truncate,
      .xSync = faulty_sync,
      .xFileSize = faulty_size,
      .xLock = faulty_lock,
      .xUnlock = faulty_unlock,
      .xCheckReservedLock = faulty_reserved,
      .xFileControl = faulty_control,
      .xSectorSize = faulty_sector,
      .xDeviceCharacteristics = faulty_characteristics,
      .xShmMap = faulty_shm_map,
      .xShmLock = faulty_shm_lock,
      .xShmBarrier = faulty_shm_barrier,
      .xShmUnmap = faulty_shm_unmap,
    };
    result = sqlite3_vfs_register(&layer, 1);
  }
  pthread_mutex_unlock(&once);
  return result;
}

void faulty_vfs_arm(const char *wanted, int what, long from, long count) {
  pthread_mutex_lock(&mutex);
  strncpy(prefix, wanted, sizeof(prefix) - 1);
  action = what;
  first = from;
  last = from + count - 1;
  counted = 0;
  happened = 0;
  pthread_mutex_unlock(&mutex);
}

long faulty_vfs_count(void) {
  pthread_mutex_lock(&mutex);
  long count = counted;
  pthread_mutex_unlock(&mutex);
  return count;
}

long faulty_vfs_faults(void) {
  pthread_mutex_lock(&mutex);
  long count = happened;
  pthread_mutex_unlock(&mutex);
  return count;
}
