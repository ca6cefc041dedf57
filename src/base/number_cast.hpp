// A conversion that is one on some machines only: std::uint64_t is another type than std::size_t where that has 32 bits.
#pragma once

#include <type_traits>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { WIRTHFORGE_TOOLS {

/// `value` as a `To`, without a cast where it is one already (-Wuseless-cast). Precondition: it has a value there.
template <class To, class From>
constexpr To number_cast(From value) noexcept {
  if constexpr (std::is_same_v<To, From>) return value;
  else return static_cast<To>(value);
}

}}}  // namespace wirthforge::tools
