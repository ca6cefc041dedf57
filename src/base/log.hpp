// The library's log lines go to a sink of the integrator's, or nowhere. The library itself never prints.
#pragma once

#include <functional>
#include <string_view>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// How important a log line is.
enum class log_level { debug, info, warning, error };

/// The level's name in lower case.
[[nodiscard]] inline const char* to_string(log_level level) noexcept {
  switch (level) {
    case log_level::debug: return "debug";
    case log_level::info: return "info";
    case log_level::warning: return "warning";
    case log_level::error: return "error";
  }
  return "unknown";
}

/// Receives one line without a line end. The line holds nothing that a client sent or a model said. Called on the library's
/// callback thread, one line at a time, while no lock is held; an exception that it throws is dropped.
using log_sink = std::function<void(log_level, std::string_view line)>;

}}  // namespace wirthforge
