// The answer of `/health`: whether the server is ready to serve, as a function of a snapshot. A page uses it to decide whether
// to connect.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/version.hpp"
#include "net/site.hpp"
#include "server/stats.hpp"
#include "text/json_text.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

/// The orchestrator's activity before it is ready, as far as it is known.
struct startup_phase {
  std::string phase;               ///< Empty: unknown. Valid UTF-8.
  std::optional<double> progress;  ///< 0...1.
};

struct health_snapshot {
  bool is_ready = false;
  bool is_stopping = false;
  nanoseconds since_tick{};  ///< Since the last tick began, or the ticks were started; 0 before that.
  startup_phase startup;
  server_stats stats;
};

/// Without a tick for this time the server counts as stalled: sixty times the period.
constexpr nanoseconds stalled_after = seconds(1);

/// "stopping" comes before all others; a server that is not ready is "starting" however slow its ticks are.
inline const char* health_status(const health_snapshot& now) noexcept {
  if (now.is_stopping) return "stopping";
  if (!now.is_ready) return "starting";
  return now.since_tick > stalled_after ? "stalled" : "ok";
}

WIRTHFORGE_COLD inline net::health_report health_report_of(const health_snapshot& now) {
  const std::string_view status = health_status(now);
  std::string out = concat({R"({"status":")", status, R"(","ready":)", now.is_ready ? "true" : "false"});
  if (status == "starting" && !now.startup.phase.empty()) {
    out += R"(,"phase":)";
    text::append_json_string(out, now.startup.phase);
  }
  if (status == "starting" && now.startup.progress) {
    out += R"(,"progress":)";
    text::append_json_number(out, *now.startup.progress);
  }
  if (status == "stalled") {
    out += R"(,"secondsSinceTick":)";
    text::append_json_number(out, std::chrono::duration<double>(now.since_tick).count());
  }
  append(out, {R"(,"library":")", library_version, R"(","connections":)", std::to_string(now.stats.connections),
               R"(,"frameRate":)"});
  text::append_json_number(out, now.stats.frame_rate_hz);
  append(out, {R"(,"ticks":)", std::to_string(now.stats.ticks_total), R"(,"missedTicks":)",
               std::to_string(now.stats.missed_ticks_total), R"(,"uptimeSeconds":)"});
  text::append_json_number(out, now.stats.uptime_seconds);
  out += '}';
  return {status == "ok" ? 200 : 503, std::move(out)};
}

}}}  // namespace wirthforge::detail
