// What the server says about itself: remarks, the snapshot of its counters, its health, and its metrics as JSON and as
// Prometheus text.
#pragma once

#include <cmath>
#include <string>
#include <string_view>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/version.hpp"
#include "server/server_core.hpp"
#include "server/stats_rows.hpp"
#include "text/json_text.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

inline double server_core::frame_rate_hz() const {
  const steady_time last{nanoseconds(last_tick_ns_.load(std::memory_order_acquire))};
  const double silence = std::chrono::duration<double>(machine_time().steady - last).count();
  const double measured = measured_rate_.load(std::memory_order_relaxed);
  // While a callback blocks no tick is recorded; then the silence itself says how slow it has become.
  return silence * measured > 2 ? 1 / silence : measured;
}

inline void server_core::remark(log_level level, std::string line) {
  if (!hooks.on_log) return;
  const std::size_t bytes = line.size();
  callbacks_.post(bytes, [this, level, line = std::move(line)] { hooks.on_log(level, line); });
}

inline server_stats server_core::stats() const {
  const live::engine_counters& seen = engine_.counters();
  server_stats now;
  now.connections = static_cast<std::uint64_t>(seen.connections.value());
  now.connections_total = seen.connections_total.value();
  const live::traffic traffic = broker_.traffic();
  now.connections_limit = descriptors_->capacity();
  now.refused_total = seen.refused.value() + traffic.turned_away;
  now.clients_lagging = static_cast<std::uint64_t>(seen.lagging.value());
  now.log_bytes = static_cast<std::uint64_t>(seen.log_bytes.value());
  now.queued_bytes = broker_.queued_bytes();
  now.lagged_total = seen.lagged.value();
  now.ticks_total = ticks_.value();
  now.missed_ticks_total = missed_ticks_.value();
  now.overruns_total = overruns_.value();
  now.frame_rate_hz = frame_rate_hz();
  now.events_total = seen.events.value();
  now.events_framed_total = seen.events_framed.value();
  now.events_refused_total = seen.events_refused.value();
  now.frames_skipped_total = seen.frames_skipped.value();
  now.client_messages_total = seen.client_messages.value();
  now.client_messages_bad_total = seen.client_messages_bad.value();
  now.callback_errors_total = tick_errors_.value() + callbacks_.thrown();
  now.callback_dropped_total = callbacks_.dropped();
  if (journal_) {
    now.journal_written_total = journal_->written();
    now.journal_left_out_total = journal_->left_out();
  }
  now.bytes_sent_total = traffic.bytes_sent;
  now.bytes_received_total = traffic.bytes_received;
  const std::int64_t since = listening_since_ns_.load();
  if (since != 0) {
    const nanoseconds up = machine_time().steady.time_since_epoch() - nanoseconds(since);
    now.uptime_seconds = std::chrono::duration<double>(up).count();
  }
  return now;
}

inline std::string server_core::metrics_json() const {
  std::string out = "{";
  const server_stats now = stats();
  for (const stats_row& row : stats_rows) {
    append(out, {out.size() > 1 ? ",\"" : "\"", row.name, "\":"});
    text::append_json_number(out, row.value_in(now));
  }
  return out += '}';
}

inline std::string server_core::metrics_text() const {
  std::string out;
  const server_stats now = stats();
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
    append(out, {"\"} ", std::to_string(lateness_.count_up_to(index)), "\n"});
  }
  const std::string count = std::to_string(lateness_.count());
  append(out, {name, "_bucket{le=\"+Inf\"} ", count, "\n", name, "_sum "});
  text::append_json_number(out, static_cast<double>(lateness_.sum_us()) / 1e6);
  append(out, {"\n", name, "_count ", count, "\n"});
  return out;
}

inline std::string server_core::health_json() const {
  const server_stats now = stats();
  std::string out = concat({is_ready() ? R"({"status":"ok","ready":true)" : R"({"status":"starting","ready":false)",
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
