#define _GNU_SOURCE
#include "CPosixMemory.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// Program text and constants are mapped from their file and never written to, so a dropped page comes back unchanged when it is
// needed. What is written to only once, by the dynamic linker, lies in segments that are writable, and stays.
static int drop_constant(struct dl_phdr_info *object, size_t size, void *page) {
  (void)size;
  uintptr_t mask = *(const uintptr_t *)page - 1;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
    uintptr_t begin = (object->dlpi_addr + segment->p_vaddr + mask) & ~mask;
    uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_memsz) & ~mask;
    // Fails for what the kernel has mapped itself, which is as well.
    if (end > begin) (void)madvise((void *)begin, end - begin, MADV_DONTNEED);
  }
  return 0;
}

// A debugger's breakpoints stand in the text, and would be dropped with it.
static int is_traced(void) {
  FILE *file = fopen("/proc/self/status", "re");
  if (!file) return 1;
  char line[256];
  int tracer = 0;
  while (fgets(line, sizeof line, file)) {
    if (sscanf(line, "TracerPid: %d", &tracer) == 1) break;
  }
  fclose(file);
  return tracer != 0;
}

void cposix_return_large_memory(void) {
  // Setting one of them ends the adjusting of both.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 2 << 20);
}

void cposix_give_back_memory(void) { malloc_trim(0); }

void cposix_forget_start(void) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  cposix_give_back_memory();
  if (!is_traced()) dl_iterate_phdr(drop_constant, &page);
}

void cposix_discard(void *memory, size_t size) {
  uintptr_t mask = (uintptr_t)sysconf(_SC_PAGESIZE) - 1;
  uintptr_t begin = ((uintptr_t)memory + mask) & ~mask;
  uintptr_t end = ((uintptr_t)memory + size) & ~mask;
  // It fails for locked memory, which nobody gets back.
  if (end > begin) (void)madvise((void *)begin, end - begin, MADV_DONTNEED);
}
