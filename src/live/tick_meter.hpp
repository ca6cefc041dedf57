// Measures the ticks of the ticker's thread. Only that thread calls `begin` and `end`; all other calls are for any thread.
// Time is passed in.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/metrics.hpp"
#include "live/frame_overrun.hpp"
#include "live/pacer.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

class tick_meter {
 public:
  /// A tick begins. Returns the seconds since the one before, 0 for the first.
  double begin(const beat& beat, steady_time now) noexcept {
    meter_.record(now);
    measured_rate_.store(meter_.rate_hz(now), std::memory_order_relaxed);
    last_began_ns_.store(now.time_since_epoch().count(), std::memory_order_release);
    count_.add();
    missed_.add(static_cast<std::uint64_t>(beat.missed));
    lateness_.record(static_cast<std::uint64_t>(beat.lateness.count() / 1000));
    const std::int64_t before = std::exchange(previous_, beat.number);
    return before < 0 ? 0 : static_cast<double>(beat.number - before) / pacer::rate_hz;
  }
  /// It has taken so long. Returns the report that is now due: all overruns since the last report, once a second if the
  /// callback worked too long in one of them, once a minute if it only waited or others had the processor.
  std::optional<overrun_report> end(const frame_overrun& taken, steady_time now) noexcept {
    if (!pacer::is_overrun(taken.wall)) return std::nullopt;
    return note_overrun(taken, now);
  }

  /// The ticks begin now. From any thread, before the first tick.
  void start(steady_time now) noexcept { last_began_ns_.store(now.time_since_epoch().count(), std::memory_order_release); }
  /// The time since the last tick began; 0 before `start`.
  nanoseconds silence(steady_time now) const noexcept {
    const std::int64_t last = last_began_ns_.load(std::memory_order_acquire);
    return last == 0 ? nanoseconds(0) : now.time_since_epoch() - nanoseconds(last);
  }

  /// The rate over the last second. While a callback blocks, no tick begins; the rate then falls with the length of the pause.
  double rate_hz(steady_time now) const noexcept {
    const steady_time last{nanoseconds(last_began_ns_.load(std::memory_order_acquire))};
    const double silence = std::chrono::duration<double>(now - last).count();
    const double measured = measured_rate_.load(std::memory_order_relaxed);
    return silence * measured > 2 ? 1 / silence : measured;
  }
  std::uint64_t count() const noexcept { return count_.value(); }
  std::uint64_t missed() const noexcept { return missed_.value(); }
  std::uint64_t overruns() const noexcept { return overruns_.value(); }
  const duration_histogram& lateness() const noexcept { return lateness_; }

 private:
  WIRTHFORGE_COLD std::optional<overrun_report> note_overrun(const frame_overrun& taken, steady_time now) noexcept {
    overruns_.add();
    const bool is_bound = taken.is_processor_bound();
    const bool was_bound = pending_.processor_bound > 0;
    if (pending_.count == 0 || is_bound > was_bound || (is_bound == was_bound && taken.wall > pending_.longest.wall)) {
      pending_.longest = taken;
    }
    ++pending_.count;
    pending_.processor_bound += is_bound ? 1 : 0;
    const seconds pause(pending_.processor_bound > 0 ? 1 : 60);
    if (reported_at_ != steady_time{} && now - reported_at_ < pause) return std::nullopt;
    reported_at_ = now;
    return std::exchange(pending_, overrun_report());
  }

  rate_meter meter_;
  std::int64_t previous_ = -1;
  steady_time reported_at_{};
  overrun_report pending_;

  std::atomic<double> measured_rate_{0};
  std::atomic<std::int64_t> last_began_ns_{0};
  counter count_, missed_, overruns_;
  duration_histogram lateness_;
};

}}}  // namespace wirthforge::live
