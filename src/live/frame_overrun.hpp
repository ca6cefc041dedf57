// A tick whose callback took longer than its period, and the report of the overruns since the last report.
#pragma once

#include <cstdint>

#include "base/clock.hpp"
#include "live/pacer.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// A tick that took longer than its period of 16.67 ms (`server::on_overrun`).
struct frame_overrun {
  std::int64_t frame_number = 0;         ///< `tick::number()`.
  std::chrono::nanoseconds wall{};       ///< From the begin of the callback to its end, by a steady clock.
  std::chrono::nanoseconds processor{};  ///< Processor time of its thread in that time; `wall` if the system has no figure.

  /// True where the callback itself worked for longer than the period. Otherwise it waited (a lock, a disk, a sleep) or other
  /// programs had the processor. On Windows processor time is usually counted in steps of 15.6 ms.
  bool is_processor_bound() const noexcept { return live::pacer::is_overrun(processor); }
};

namespace live {

/// The overruns since the last report.
struct overrun_report {
  frame_overrun longest;  ///< The longest processor-bound overrun, or the longest of all; by wall time.
  std::uint64_t count = 0;
  std::uint64_t processor_bound = 0;  ///< The number of those that were processor-bound.
};

}  // namespace live
}}  // namespace wirthforge
