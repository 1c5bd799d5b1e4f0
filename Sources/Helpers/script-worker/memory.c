#include "worker.h"

#include <stdlib.h>

static void *refuse(struct memory *memory, void *block, size_t new_size) {
  bool is_final = new_size > memory->limit || (memory->refused_block == block && memory->refused_size == new_size);
  memory->refused_block = block;
  memory->refused_size = new_size;
  budget_refused();
  if (is_final) budget_memory();
  return NULL;
}

void *memory_allocate(void *data, void *block, size_t old_size, size_t new_size) {
  struct memory *memory = data;
  // Without a block Lua passes the kind of object as the old size.
  size_t held = block == NULL ? 0 : old_size;
  if (new_size == 0) {
    free(block);
    memory->used -= held;
    return NULL;
  }
  // Between a refusal and the second question Lua does nothing but free. Its library's buffers do not ask again: they raise an error, which
  // the script has caught where it goes on.
  bool is_same = memory->refused_block == block && memory->refused_size == new_size;
  if (memory->refused_size != 0 && !is_same) budget_memory();
  if (new_size > held && new_size - held > memory->limit - memory->used) return refuse(memory, block, new_size);
  void *fresh = realloc(block, new_size);
  if (fresh == NULL) {
    if (new_size <= held) return block;  // Lua relies on it that a block can always shrink
    return refuse(memory, block, new_size);
  }
  memory->used += new_size - held;
  memory->refused_size = 0;
  return fresh;
}
