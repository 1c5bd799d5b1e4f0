#include "CPatterns.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <new>

struct cpattern {
  re2::RE2 re;
  cpattern(re2::StringPiece text, const re2::RE2::Options &options) : re(text, options) {}
};

namespace {

cpattern_error error_of(re2::RE2::ErrorCode code) {
  switch (code) {
  case re2::RE2::NoError: return CPATTERN_OK;
  case re2::RE2::ErrorInternal: return CPATTERN_INTERNAL;
  case re2::RE2::ErrorBadEscape: return CPATTERN_BAD_ESCAPE;
  case re2::RE2::ErrorBadCharClass: return CPATTERN_BAD_CLASS;
  case re2::RE2::ErrorBadCharRange: return CPATTERN_BAD_RANGE;
  case re2::RE2::ErrorMissingBracket: return CPATTERN_MISSING_BRACKET;
  case re2::RE2::ErrorMissingParen: return CPATTERN_MISSING_PAREN;
  case re2::RE2::ErrorUnexpectedParen: return CPATTERN_UNEXPECTED_PAREN;
  case re2::RE2::ErrorTrailingBackslash: return CPATTERN_TRAILING_BACKSLASH;
  case re2::RE2::ErrorRepeatArgument: return CPATTERN_REPEAT_ARGUMENT;
  case re2::RE2::ErrorRepeatSize: return CPATTERN_REPEAT_SIZE;
  case re2::RE2::ErrorRepeatOp: return CPATTERN_REPEAT_OPERATOR;
  case re2::RE2::ErrorBadPerlOp: return CPATTERN_BAD_PERL_OPERATOR;
  case re2::RE2::ErrorBadUTF8: return CPATTERN_BAD_UTF8;
  case re2::RE2::ErrorBadNamedCapture: return CPATTERN_BAD_NAMED_CAPTURE;
  case re2::RE2::ErrorPatternTooLarge: return CPATTERN_TOO_LARGE;
  }
  return CPATTERN_INTERNAL;
}

} // namespace

// No C++ exception may reach Swift: each function is noexcept and catches what RE2 and the allocator throw.

extern "C" cpattern *cpattern_compile(
    const char *pattern, size_t length, int64_t memory, cpattern_error *error, char *part, size_t capacity,
    size_t *part_length) noexcept {
  *error = CPATTERN_OK;
  *part_length = 0;
  try {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(memory);
    cpattern *compiled = new cpattern(re2::StringPiece(pattern, length), options);
    if (compiled->re.ok()) return compiled;
    *error = error_of(compiled->re.error_code());
    const std::string &about = compiled->re.error_arg();
    *part_length = std::min(about.size(), capacity);
    memcpy(part, about.data(), *part_length);
    delete compiled;
    return nullptr;
  } catch (...) {
    *error = CPATTERN_OUT_OF_MEMORY;
    return nullptr;
  }
}

extern "C" void cpattern_free(cpattern *pattern) noexcept { delete pattern; }

extern "C" int cpattern_matches(const cpattern *pattern, const char *text, size_t length) noexcept {
  try {
    const re2::StringPiece piece(text, length);
    return pattern->re.Match(piece, 0, length, re2::RE2::UNANCHORED, nullptr, 0) ? 1 : 0;
  } catch (...) {
    return -1;
  }
}
