// What the server says about itself, as functions of a snapshot: its health, and its metrics as JSON and as Prometheus text.
#pragma once

#include <cmath>
#include <string>
#include <string_view>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/metrics.hpp"
#include "base/version.hpp"
#include "events/events.hpp"
#include "server/stats.hpp"
#include "server/stats_rows.hpp"
#include "text/json_text.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

WIRTHFORGE_COLD inline std::string metrics_json(const server_stats& now) {
  std::string out = "{";
  for (const stats_row& row : stats_rows) {
    append(out, {out.size() > 1 ? ",\"" : "\"", row.name, "\":"});
    text::append_json_number(out, row.value_in(now));
  }
  return out += '}';
}

WIRTHFORGE_COLD inline std::string metrics_text(const server_stats& now, const duration_histogram& lateness) {
  std::string out;
  for (const stats_row& row : stats_rows) {
    const std::string name = concat({"wirthforge_", row.name});
    append(out, {"# HELP ", name, " ", row.help, "\n# TYPE ", name, " ", row.type, "\n", name, " "});
    text::append_json_number(out, row.value_in(now));
    out += '\n';
  }
  constexpr std::string_view name = "wirthforge_tick_lateness_seconds";
  append(out, {"# HELP ", name, " How long after its deadline a tick began\n# TYPE ", name, " histogram\n"});
  for (std::size_t index = 0; index < duration_histogram::bounds_us.size(); ++index) {
    append(out, {name, "_bucket{le=\""});
    text::append_json_number(out, static_cast<double>(duration_histogram::bounds_us[index]) / 1e6);
    append(out, {"\"} ", std::to_string(lateness.count_up_to(index)), "\n"});
  }
  const std::string count = std::to_string(lateness.count());
  append(out, {name, "_bucket{le=\"+Inf\"} ", count, "\n", name, "_sum "});
  text::append_json_number(out, static_cast<double>(lateness.sum_us()) / 1e6);
  append(out, {"\n", name, "_count ", count, "\n"});
  return out;
}

WIRTHFORGE_COLD inline std::string health_json(const server_stats& now, bool is_ready) {
  std::string out = concat({is_ready ? R"({"status":"ok","ready":true)" : R"({"status":"starting","ready":false)",
                            R"(,"library":")", library_version, R"(","connections":)", std::to_string(now.connections),
                            R"(,"frameRate":)"});
  text::append_json_number(out, now.frame_rate_hz);
  append(out, {R"(,"ticks":)", std::to_string(now.ticks_total), R"(,"missedTicks":)", std::to_string(now.missed_ticks_total),
               R"(,"uptimeSeconds":)"});
  text::append_json_number(out, now.uptime_seconds);
  return out += '}';
}

/// Says what `processingTime` cannot: how long a tick really took.
WIRTHFORGE_COLD inline error_event overrun_event(double taken_ms, std::uint64_t count) {
  error_event event;
  event.severity = severity::warning;
  event.code = "FRAME_OVERRUN";
  event.component = component::decipher;
  event.message = concat({"a tick took ", std::to_string(std::llround(taken_ms)), " ms, its period is 16.67 ms; ",
                          std::to_string(count), count == 1 ? " overrun" : " overruns", " since the last report"});
  event.recoverable = true;
  return event;
}

}}}  // namespace wirthforge::detail
