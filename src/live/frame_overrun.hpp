// A tick whose callback ran past its period, and what is told of those since the last report.
#pragma once

#include <cstdint>

#include "base/clock.hpp"
#include "live/pacer.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// A tick that took longer than its period of 16.67 ms (`server::on_overrun`).
struct frame_overrun {
  std::int64_t frame_number = 0;          ///< `tick::number()`.
  std::chrono::nanoseconds wall{};        ///< From the begin of the callback to its end, by a steady clock.
  std::chrono::nanoseconds processor{};   ///< Processor time that its thread had meanwhile; `wall` where the system does not say.

  /// True where the callback itself worked for longer than the period. Else it waited (a lock, a disk, a sleep) or other
  /// programs had the processor. On Windows processor time is counted in steps of 15.6 ms mostly.
  bool is_processor_bound() const noexcept { return live::pacer::is_overrun(processor); }
};

namespace live {

/// The overruns since the last report.
struct overrun_report {
  frame_overrun longest;             ///< Of those that were processor-bound, if any was; by its wall time.
  std::uint64_t count = 0;
  std::uint64_t processor_bound = 0;  ///< Of these.
};

}  // namespace live
}}  // namespace wirthforge
