// A hint to the processor: these bytes will be read soon. It changes only how long that read waits.
#pragma once

#include <cstddef>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {

inline void prefetch(const void* first, std::size_t bytes) noexcept {
#if defined(__GNUC__) || defined(__clang__)
  constexpr std::size_t cache_line = 64;
  const char* const begin = static_cast<const char*>(first);
  for (std::size_t at = 0; at < bytes; at += cache_line) __builtin_prefetch(begin + at);
  if (bytes > 0) __builtin_prefetch(begin + bytes - 1);  // the range need not begin at the start of a cache line
#else
  (void)first;
  (void)bytes;
#endif
}

}}}  // namespace wirthforge::tools
