// The 60 Hz beat: which tick is due when, which were missed, and the rate that was measured. Time is passed in.
//
// Deadline n is start + n seconds / rate, computed from n each time. Nothing is added up, so there is no drift,
// whatever the callback costs: 60 Hz is 3600 ticks a minute for as long as the process runs.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// The tick that starts now, as `pacer::begin` returns it.
struct beat {
  std::int64_t number = 0;  ///< Counts periods since the start, missed ones too.
  steady_time deadline{};   ///< When it was due.
  nanoseconds lateness{};   ///< How long after its deadline it begins; never negative.
  std::int64_t missed = 0;  ///< Periods that passed without a tick since the last one.
};

class pacer {
 public:
  static constexpr std::int64_t rate_hz = 60;

  explicit pacer(steady_time start) noexcept : start_(start) {}

  /// When the next tick is due.
  steady_time deadline() const noexcept { return deadline_of(next_); }
  /// One period, rounded down.
  static constexpr nanoseconds period() noexcept { return nanoseconds(1'000'000'000 / rate_hz); }

  /// Starts the tick that is due at `now` (call it at or after `deadline()`). Ticks whose whole period has passed are skipped
  /// and counted, so that a stall is followed by one tick on the beat and never by a burst.
  beat begin(steady_time now) noexcept {
    beat result;
    const std::int64_t due = std::max(next_, number_at(now));
    result.number = due;
    result.missed = due - next_;
    result.deadline = deadline_of(due);
    result.lateness = std::max(nanoseconds(0), std::chrono::duration_cast<nanoseconds>(now - result.deadline));
    next_ = due + 1;
    return result;
  }

  /// True when a tick that took this long ran past its own period.
  static constexpr bool is_overrun(nanoseconds taken) noexcept { return taken > period(); }

 private:
  steady_time deadline_of(std::int64_t number) const noexcept {
    const std::int64_t whole = number / rate_hz;
    const std::int64_t part = number % rate_hz;
    return start_ + seconds(whole) + nanoseconds(part * 1'000'000'000 / rate_hz);
  }
  std::int64_t number_at(steady_time now) const noexcept {
    const auto since = std::chrono::duration_cast<nanoseconds>(now - start_).count();
    if (since < 0) return 0;
    const std::int64_t whole = since / 1'000'000'000;
    const std::int64_t part = since % 1'000'000'000;
    std::int64_t number = whole * rate_hz + part * rate_hz / 1'000'000'000;
    if (deadline_of(number + 1) <= now) ++number;  // the deadlines are rounded down, so the quotient may be one short
    return number;
  }

  steady_time start_;
  std::int64_t next_ = 0;
};

/// Measures a rate over the last second of ticks.
class rate_meter {
 public:
  void record(steady_time at) noexcept {
    times_[count_ % times_.size()] = at;
    ++count_;
  }

  /// Ticks a second, as of `now`: falls while no tick comes, 0 before the second tick.
  double rate_hz(steady_time now) const noexcept {
    const std::size_t held = std::min(count_, times_.size());
    if (held < 2) return 0;
    const steady_time oldest = times_[(count_ - held) % times_.size()];
    const steady_time newest = times_[(count_ - 1) % times_.size()];
    const double ticks = static_cast<double>(held - 1);
    const double span = std::chrono::duration<double>(newest - oldest).count();
    const double silence = std::chrono::duration<double>(now - newest).count();
    const double period = span / ticks;
    // Up to two periods without a tick are normal; a longer pause lowers the rate.
    const double seconds_in_all = silence > 2 * period ? span + silence : span;
    return seconds_in_all > 0 ? ticks / seconds_in_all : 0;
  }

 private:
  std::array<steady_time, 61> times_{};
  std::size_t count_ = 0;
};

}}}  // namespace wirthforge::live
