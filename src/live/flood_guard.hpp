// A limit on how often a client may send: a bucket of permits that refills steadily. Time is passed in.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/clock.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// The cost of a message: each full KiB costs as much as one more message, since reading it takes time from every client. The
/// largest allowed message must not exceed the limit by itself, so it costs at most half of the messages that may come at
/// once.
inline double cost_of_message(std::size_t bytes, double per_second) noexcept {
  return std::min(1 + static_cast<double>(bytes / 1024), std::max(1.0, per_second / 2));
}

class flood_guard {
 public:
  /// `per_second` messages a second on average, and as many at once after a quiet second.
  flood_guard(double per_second, steady_time now) noexcept : per_second_(per_second), level_(per_second), last_(now) {}

  /// Counts one message, or `cost` of them. False when it is too many.
  bool admit(steady_time now, double cost = 1) noexcept {
    const double passed = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    level_ = std::min(per_second_, level_ + passed * per_second_);
    if (level_ < cost) return false;
    level_ -= cost;
    return true;
  }

 private:
  double per_second_;
  double level_;
  steady_time last_;
};

}}}  // namespace wirthforge::live
