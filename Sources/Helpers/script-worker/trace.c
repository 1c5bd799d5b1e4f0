#define _GNU_SOURCE
#include "worker.h"

#include <stdio.h>
#include <string.h>

enum { first_levels = 10, last_levels = 11 };

static void append(struct trace *trace, size_t *length, const char *line) {
  size_t size = strlen(line);
  if (*length + size + 1 >= sizeof trace->lines) return;
  memcpy(trace->lines + *length, line, size);
  *length += size;
  trace->lines[(*length)++] = '\n';
  trace->lines[*length] = '\0';
}

static void describe(const lua_Debug *record, char *line, size_t size) {
  char function[96];
  if (*record->what == 'm') snprintf(function, sizeof function, "main chunk");
  else if (record->name != NULL) snprintf(function, sizeof function, "%s '%.60s'", *record->namewhat ? record->namewhat : "function", record->name);
  else snprintf(function, sizeof function, "function at line %d", record->linedefined);
  snprintf(line, size, "%s:%d: in %s", record->short_src, record->currentline, function);
}

static int depth(lua_State *L) {
  lua_Debug record;
  // As luaL_traceback does: first doubling, then halving.
  int low = 0, high = 1;
  while (lua_getstack(L, high, &record)) low = high, high *= 2;
  while (low + 1 < high) {
    int middle = low + (high - low) / 2;
    if (lua_getstack(L, middle, &record)) low = middle;
    else high = middle;
  }
  return lua_getstack(L, low, &record) ? low + 1 : 0;
}

void trace_record(lua_State *L, struct trace *trace) {
  trace->at[0] = trace->lines[0] = '\0';
  size_t length = 0;
  int levels = depth(L);
  lua_Debug record;
  for (int level = 0; level < levels && lua_getstack(L, level, &record); level++) {
    if (levels > first_levels + last_levels && level == first_levels) {
      char line[64];
      int skipped = levels - first_levels - last_levels;
      snprintf(line, sizeof line, "… (%d levels)", skipped);
      append(trace, &length, line);
      level += skipped - 1;
      continue;
    }
    if (!lua_getinfo(L, "Sln", &record) || record.currentline <= 0) continue;  // C functions are ours, not the script's
    char line[256];
    describe(&record, line, sizeof line);
    append(trace, &length, line);
    if (trace->at[0] == '\0') snprintf(trace->at, sizeof trace->at, "%s:%d", record.short_src, record.currentline);
  }
}

bool trace_find(lua_State *L, lua_Debug *record) {
  for (int level = 0; lua_getstack(L, level, record); level++)
    if (lua_getinfo(L, "l", record) && record->currentline > 0) return lua_getinfo(L, "S", record) != 0;
  return false;
}

void trace_prepend(struct trace *trace, const struct trace *before) {
  struct trace whole = *before;
  size_t length = strlen(whole.lines), more = strlen(trace->lines);
  if (length + more < sizeof whole.lines) memcpy(whole.lines + length, trace->lines, more + 1);
  if (whole.at[0] == '\0') memcpy(whole.at, trace->at, sizeof whole.at);
  *trace = whole;
}
