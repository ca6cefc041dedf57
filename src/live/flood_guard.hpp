// A limit on how often a client may speak: a bucket of tokens that refills steadily. Time is passed in.
#pragma once

#include <algorithm>

#include "base/clock.hpp"

namespace wirthforge::live {

class flood_guard {
 public:
  /// `per_second` messages a second on average, and as many at once after a quiet second.
  flood_guard(double per_second, steady_time now) noexcept : per_second_(per_second), level_(per_second), last_(now) {}

  /// Counts one message. False when it is one too many.
  bool admit(steady_time now) noexcept {
    const double passed = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    level_ = std::min(per_second_, level_ + passed * per_second_);
    if (level_ < 1) return false;
    level_ -= 1;
    return true;
  }

 private:
  double per_second_;
  double level_;
  steady_time last_;
};

}  // namespace wirthforge::live
