// A C face on RE2: patterns in the dialect of Go's regexp package, matched in linear time.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define CPATTERNS_NOEXCEPT noexcept
extern "C" {
#else
#define CPATTERNS_NOEXCEPT
#endif

typedef struct cpattern cpattern;

/// Why a pattern does not compile, as RE2 tells it.
typedef enum cpattern_error {
  CPATTERN_OK = 0,
  CPATTERN_INTERNAL,
  CPATTERN_BAD_ESCAPE,
  CPATTERN_BAD_CLASS,
  CPATTERN_BAD_RANGE,
  CPATTERN_MISSING_BRACKET,
  CPATTERN_MISSING_PAREN,
  CPATTERN_UNEXPECTED_PAREN,
  CPATTERN_TRAILING_BACKSLASH,
  CPATTERN_REPEAT_ARGUMENT,
  CPATTERN_REPEAT_SIZE,
  CPATTERN_REPEAT_OPERATOR,
  CPATTERN_BAD_PERL_OPERATOR,
  CPATTERN_BAD_UTF8,
  CPATTERN_BAD_NAMED_CAPTURE,
  CPATTERN_TOO_LARGE,
  CPATTERN_OUT_OF_MEMORY,
} cpattern_error;

/// Compiles `length` bytes of UTF-8. `memory` bounds in bytes what the compiled form and its caches may take.
/// Returns NULL on failure: `*error` is the reason, and the part of the pattern that it is about goes to `part`
/// (not terminated; cut to `capacity` bytes, `*part_length` of them written).
cpattern *_Nullable cpattern_compile(
    const char *_Nonnull pattern, size_t length, int64_t memory, cpattern_error *_Nonnull error,
    char *_Nonnull part, size_t capacity, size_t *_Nonnull part_length) CPATTERNS_NOEXCEPT;

void cpattern_free(cpattern *_Nullable pattern) CPATTERNS_NOEXCEPT;

/// 1 if the pattern is found anywhere in the text, 0 if not, -1 if memory ran out. May be called from several
/// threads at once.
int cpattern_matches(const cpattern *_Nonnull pattern, const char *_Nonnull text, size_t length) CPATTERNS_NOEXCEPT;

#ifdef __cplusplus
}
#endif
