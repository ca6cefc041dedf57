// Virtual time: two clocks and everything that will happen. Timers that are due together go off in any order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "wirthforge_ws.hpp"

#include "simulation/dice.hpp"
#include "simulation/failure.hpp"

namespace simulation {

using wirthforge::instant;
using ticks = std::int64_t;  // nanoseconds of virtual time since the world began

constexpr ticks microsecond = 1'000;
constexpr ticks millisecond = 1'000'000;
constexpr ticks second = 1'000'000'000;
constexpr ticks minute = 60 * second;
constexpr ticks hour = 60 * minute;

/// An object that timers wake. It outlives the scheduler's run.
class actor {
 public:
  actor() = default;
  actor(const actor&) = delete;
  actor& operator=(const actor&) = delete;
  virtual ~actor() = default;
  /// `what` is the value that was passed to `at`.
  virtual void wake(std::uint64_t what) = 0;
};

class scheduler {
 public:
  explicit scheduler(std::uint64_t seed) : chance_(seed) {}

  ticks time() const noexcept { return time_; }
  instant now() const noexcept {
    return {wirthforge::steady_time(wirthforge::nanoseconds(time_ + uptime)), wall_offset_ms_ + time_ / millisecond};
  }
  /// Sets the wall clock.
  void step_wall_clock(std::int64_t by_ms) noexcept {
    constexpr std::int64_t earliest = 1'000'000'000'000;  // 2001
    constexpr std::int64_t latest = 6'000'000'000'000;    // 2160
    wall_offset_ms_ = std::clamp(wall_offset_ms_ + by_ms, earliest, latest);
  }

  void at(ticks when, actor& who, std::uint64_t what) {
    queue_.push_back({std::max(when, time_), chance_.bits(), &who, what});
    std::push_heap(queue_.begin(), queue_.end());
  }
  void after(ticks delay, actor& who, std::uint64_t what) { at(time_ + delay, who, what); }

  /// A failure inside server code that lets no exception through: `step` throws it.
  void note(const failure& what) {
    if (!noted_) noted_.emplace(what);
  }

  /// False when nothing is left to happen before `end`; then it is `end`.
  bool step(ticks end) {
    if (queue_.empty() || queue_.front().when >= end) {
      time_ = end;
      return false;
    }
    const timer next = queue_.front();
    std::pop_heap(queue_.begin(), queue_.end());
    queue_.pop_back();
    time_ = next.when;
    next.who->wake(next.what);
    if (noted_) throw failure(*noted_);
    ++steps_;
    return true;
  }
  std::uint64_t steps() const noexcept { return steps_; }

 private:
  static constexpr ticks uptime = 1000 * second;  // the machine has been up for a while

  struct timer {
    ticks when;
    std::uint64_t lot;  // drawn for those that are due together
    actor* who;
    std::uint64_t what;
    bool operator<(const timer& other) const noexcept { return when != other.when ? when > other.when : lot > other.lot; }
  };

  dice chance_;
  ticks time_ = 0;
  std::int64_t wall_offset_ms_ = 1'790'000'000'000;  // 2026
  std::vector<timer> queue_;
  std::uint64_t steps_ = 0;
  std::optional<failure> noted_;
};

}  // namespace simulation
