// A conversion that changes the type on some machines only: std::uint64_t and std::size_t differ where the latter has 32 bits.
#pragma once

#include <type_traits>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {

/// `value` as a `To`, without a cast if it has that type already (-Wuseless-cast). Precondition: the value fits into `To`.
template <class To, class From>
constexpr To number_cast(From value) noexcept {
  if constexpr (std::is_same_v<To, From>) return value;
  else return static_cast<To>(value);
}

}}}  // namespace wirthforge::tools
