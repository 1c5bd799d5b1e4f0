#include "CPosixEnvironment.h"

#include <stddef.h>

extern char **environ;

const char *cposix_environment_entry(long index) {
  if (environ == NULL) return NULL;
  for (long position = 0; environ[position] != NULL; position++)
    if (position == index) return environ[position];
  return NULL;
}
