// A set of bytes as a table: the compiled form of a class like [a-z0-9_] in a schema's pattern.
#pragma once

#include <initializer_list>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

struct byte_range {
  unsigned char first;
  unsigned char last;
};

class byte_class {
 public:
  constexpr byte_class(std::initializer_list<byte_range> ranges) {
    for (const byte_range& range : ranges) {
      for (unsigned byte = range.first; byte <= range.last; ++byte) has_[byte] = true;
    }
  }
  constexpr bool has(char byte) const noexcept { return has_[static_cast<unsigned char>(byte)]; }

 private:
  bool has_[256] = {};
};

}}}  // namespace wirthforge::detail
