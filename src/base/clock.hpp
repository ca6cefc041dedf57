// Time as the library sees it: a steady clock for durations and a wall clock for what goes on the wire. Everything below
// net/ is handed an `instant`; only the top layer reads the machine's clock, so that tests run on a virtual clock.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace tools {

/// A moment on the steady clock, which never goes back.
using steady_time = std::chrono::steady_clock::time_point;
/// As in std::chrono.
using nanoseconds = std::chrono::nanoseconds;
/// As in std::chrono.
using milliseconds = std::chrono::milliseconds;
/// As in std::chrono.
using seconds = std::chrono::seconds;

/// One moment on both clocks. `unix_ms` may jump when the user sets the clock; `steady` never goes back.
struct instant {
  steady_time steady{};      ///< For durations.
  std::int64_t unix_ms = 0;  ///< Milliseconds since 1970-01-01 UTC.
};

/// The machine's own time.
inline instant machine_time() {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::steady_clock::now(), std::chrono::duration_cast<milliseconds>(wall).count()};
}

}}}  // namespace wirthforge::tools
