// Tells from its bits which kind of number a double is. Programs around language models are often compiled with -ffast-math,
// which promises the compiler that there are no NaNs, no infinities and no negative zeros. The compiler then takes
// std::isfinite for always true and `x != x` for always false, and folds a test of a value's bits, too, if it has seen how the
// value was computed. So every check that keeps such numbers out is made here: the bits pass through an instruction that the
// compiler cannot see into.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {

/// By reference: Clang assumes that a double which is passed by value is finite.
class double_bits {
 public:
  explicit double_bits(const double& value) noexcept {
    static_assert(sizeof value == 8, "IEEE 754 binary64");
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    high_ = static_cast<std::uint32_t>(bits >> 32U);
    low_ = static_cast<std::uint32_t>(bits & 0xFFFFFFFFU);
#if defined(__GNUC__)
    asm("" : "+r"(high_), "+r"(low_));
#elif defined(_M_FP_FAST)
    volatile std::uint32_t high = high_;
    volatile std::uint32_t low = low_;
    high_ = high;
    low_ = low;
#endif
  }

  bool is_finite() const noexcept { return (high_ & exponent) != exponent; }
  bool is_nan() const noexcept { return !is_finite() && ((high_ & ~(sign | exponent)) | low_) != 0; }
  bool is_negative() const noexcept { return (high_ & sign) != 0; }  ///< Also true of a negative zero.
  bool is_zero() const noexcept { return ((high_ & ~sign) | low_) == 0; }

 private:
  static constexpr std::uint32_t sign = 0x80000000;
  static constexpr std::uint32_t exponent = 0x7FF00000;
  std::uint32_t high_;
  std::uint32_t low_;
};

/// False for NaN and the infinities; JSON has no form for them.
inline bool is_finite(const double& value) noexcept { return double_bits(value).is_finite(); }

}}}  // namespace wirthforge::tools
