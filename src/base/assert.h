// ASSERT: a programmer error stops the process, in every build, with its place. DASSERT is for
// checks that are too dear for a release build. Operating errors are not programmer errors: return
// a Result (base/error.h).
#pragma once

namespace base {

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace base

#define ASSERT(expr)                                       \
  do {                                                     \
    if (!(expr)) [[unlikely]] {                            \
      ::base::assertion_failed(#expr, __FILE__, __LINE__); \
    }                                                      \
  } while (false)

#ifdef NDEBUG
#define DASSERT(expr) static_cast<void>(0)
#else
#define DASSERT(expr) ASSERT(expr)
#endif
