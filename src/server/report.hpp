// The server's reports about itself, as functions of a snapshot: its metrics as JSON and as Prometheus text, and its overruns.
#pragma once

#include <cmath>
#include <string>
#include <string_view>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/metrics.hpp"
#include "base/version.hpp"
#include "events/events.hpp"
#include "live/frame_overrun.hpp"
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

/// Reports the duration that `processingTime` cannot express: how long a tick took, in wall time and processor time. A
/// callback that waited or was preempted is reported as such, and is no warning.
WIRTHFORGE_COLD inline error_event overrun_event(const live::overrun_report& seen) {
  const auto ms = [](nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); };
  const frame_overrun& longest = seen.longest;
  const bool is_bound = longest.is_processor_bound();
  error_event event;
  event.severity = is_bound ? severity::warning : severity::info;
  event.code = "FRAME_OVERRUN";
  event.component = component::decipher;
  event.message = concat(
      {"tick ", std::to_string(longest.frame_number), " took ", std::to_string(std::llround(ms(longest.wall))),
       " ms, of which ", std::to_string(std::llround(ms(longest.processor))), " ms of processor time; its period is 16.67 ms; ",
       is_bound ? "on_tick works for too long" : "on_tick waited, or other programs had the processor", "; ",
       std::to_string(seen.count), seen.count == 1 ? " overrun" : " overruns", " since the last report, ",
       std::to_string(seen.processor_bound), " by processor time"});
  std::string details = concat({R"({"frameNumber":)", std::to_string(longest.frame_number), R"(,"wallMs":)"});
  text::append_json_number(details, ms(longest.wall));
  details += R"(,"processorMs":)";
  text::append_json_number(details, ms(longest.processor));
  append(details,
         {R"(,"count":)", std::to_string(seen.count), R"(,"processorBound":)", std::to_string(seen.processor_bound), "}"});
  event.details = json_object::of_valid_text(std::move(details));
  event.recoverable = true;
  return event;
}

}}}  // namespace wirthforge::detail
