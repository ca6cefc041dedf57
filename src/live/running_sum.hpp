// Sums that grow for as long as the server runs.
#pragma once

#include <cstdint>
#include <limits>

#include "base/finite.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

namespace detail {

/// `value` as it was computed, whatever the compiler may assume about sums: -ffast-math, with which programs around language
/// models are often compiled, lets it replace (a + b) - a by b.
inline double exactly(double value) noexcept {
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(_M_FP_FAST)
  const volatile double kept = value;
  return kept;
#else
  return value;
#endif
}

}  // namespace detail

/// `sum + more`, or the greatest value of the type. Precondition: neither is negative.
inline std::int64_t add_saturated(std::int64_t sum, std::int64_t more) noexcept {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  return more > most - sum ? most : sum + more;
}

/// As above; the greatest double if the sum is out of a double's range.
inline double add_saturated(double sum, double more) noexcept {
  const double total = sum + more;
  return is_finite(total) ? total : std::numeric_limits<double>::max();
}

/// Exact enough to take differences: two doubles, the second holding the rounding error of the first (Knuth's two-sum).
/// After a delta of 1e15 a delta of 0.01 still counts.
class running_sum {
 public:
  /// A value that would take the sum out of range is left out.
  void add(double value) noexcept {
    const double sum = detail::exactly(high_ + value);
    if (!is_finite(sum)) return;
    const double rounded = detail::exactly(sum - high_);
    low_ += detail::exactly(high_ - detail::exactly(sum - rounded)) + detail::exactly(value - rounded);
    high_ = sum;
  }

  /// The amount added between two states of one sum; the greatest double if it is out of a double's range.
  friend double operator-(const running_sum& later, const running_sum& earlier) noexcept {
    constexpr double most = std::numeric_limits<double>::max();
    const double difference = detail::exactly(later.high_ - earlier.high_) + detail::exactly(later.low_ - earlier.low_);
    if (is_finite(difference)) return difference;
    return later.high_ < 0 ? -most : most;
  }

 private:
  double high_ = 0;
  double low_ = 0;
};

}}}  // namespace wirthforge::live
