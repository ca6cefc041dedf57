// A sum that stays exact enough to take differences of, however long it runs: two doubles, the second holding what the first
// rounded away (Knuth's two-sum). After a delta of 1e15 a delta of 0.01 still counts.
#pragma once

#include <cmath>

namespace wirthforge::live {

class running_sum {
 public:
  /// A value that would take the sum out of range is left out.
  void add(double value) noexcept {
    const double sum = high_ + value;
    if (!std::isfinite(sum)) return;
    const double rounded = sum - high_;
    low_ += (high_ - (sum - rounded)) + (value - rounded);
    high_ = sum;
  }

  /// What was added between two states of one sum.
  friend double operator-(const running_sum& later, const running_sum& earlier) noexcept {
    return (later.high_ - earlier.high_) + (later.low_ - earlier.low_);
  }

 private:
  double high_ = 0;
  double low_ = 0;
};

}  // namespace wirthforge::live
