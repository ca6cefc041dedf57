// Numbers that several threads add to and any thread may read: counters and a histogram with fixed bounds. Relaxed atomics:
// each number is exact by itself; two numbers that are read together may be from slightly different moments.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {

/// A count that only grows.
class counter {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// A number that goes up and down.
class gauge {
 public:
  void set(double value) noexcept { value_.store(value, std::memory_order_relaxed); }
  double value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

/// Counts durations under fixed upper bounds, in the form that Prometheus expects. Bounds in microseconds.
class duration_histogram {
 public:
  static constexpr std::array<std::uint64_t, 10> bounds_us{10, 25, 50, 100, 250, 500, 1000, 5000, 16667, 100000};

  void record(std::uint64_t us) noexcept {
    std::size_t bucket = 0;
    while (bucket < bounds_us.size() && us > bounds_us[bucket]) ++bucket;
    buckets_[bucket].add();
    sum_us_.add(us);
  }

  /// How many recorded durations are no longer than bound `index`; past the last bound, all of them.
  std::uint64_t count_up_to(std::size_t index) const noexcept {
    std::uint64_t total = 0;
    for (std::size_t bucket = 0; bucket <= index && bucket < buckets_.size(); ++bucket) total += buckets_[bucket].value();
    return total;
  }
  std::uint64_t count() const noexcept { return count_up_to(bounds_us.size()); }
  std::uint64_t sum_us() const noexcept { return sum_us_.value(); }

 private:
  std::array<counter, bounds_us.size() + 1> buckets_;
  counter sum_us_;
};

}}}  // namespace wirthforge::tools
