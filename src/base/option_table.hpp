// The table of the numeric options: type, name, default, range and unit of each. The check of an integrator's options, the
// defaults of the layers below, docs/options.md and the tests read it.
//
// A row is (type, name, default, least, most, also_zero, unit); durations count in their unit. With `also_zero`, 0 is valid
// although it is below `least`. An option that is no number, such as a path, is checked by hand in server/check_options.hpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "base/version.hpp"

// clang-format off
#define WIRTHFORGE_SERVER_OPTIONS(row) \
  row(std::uint16_t, port, 8145, 0, 65535, false, "") \
  row(std::uint16_t, extra_ports, 16, 1, 1000, false, "ports") \
  row(std::size_t, max_connections, 4096, 1, no_limit, false, "connections") \
  row(std::size_t, reserved_descriptors, 128, 0, 1000000, false, "descriptors") \
  row(std::size_t, max_half_open, 512, 1, no_limit, false, "connections") \
  row(std::size_t, max_head_bytes, 8192, 256, 65536, false, "bytes") \
  row(std::chrono::milliseconds, handshake_timeout, 5000, 1, year_ms, false, "ms") \
  row(std::size_t, max_message_bytes, 65536, 125, gib, false, "bytes") \
  row(std::size_t, max_fragments, 1024, 1, no_limit, false, "fragments") \
  row(double, max_client_messages_per_second, 100, 1, 1000000, false, "a second") \
  row(std::chrono::milliseconds, heartbeat_interval, 1000, 1, year_ms, false, "ms") \
  row(std::chrono::milliseconds, ping_interval, 15000, 1, year_ms, false, "ms") \
  row(std::chrono::milliseconds, pong_timeout, 10000, 1, year_ms, false, "ms") \
  row(std::chrono::milliseconds, idle_timeout, 0, 1, year_ms, true, "ms") \
  row(std::chrono::milliseconds, close_timeout, 2000, 1, year_ms, false, "ms") \
  row(std::chrono::milliseconds, stop_timeout, 3000, 1, year_ms, false, "ms") \
  row(std::size_t, log_max_bytes, 4194304, 1, no_limit, false, "bytes") \
  row(std::size_t, log_max_events, 8192, 1, no_limit, false, "events") \
  row(std::chrono::seconds, log_max_age, 120, 1, year_s, false, "s") \
  row(std::size_t, max_open_answer_bytes, 1048576, 0, no_limit, false, "bytes") \
  row(std::chrono::milliseconds, lag_threshold, 250, 1, year_ms, false, "ms") \
  row(std::size_t, send_buffer_bytes, 65536, 4096, gib, true, "bytes") \
  row(std::size_t, max_queued_bytes, 16777216, 65536, no_limit, false, "bytes") \
  row(std::size_t, callback_queue_bytes, 16777216, 1, no_limit, false, "bytes")
#define WIRTHFORGE_ENERGY_OPTIONS(row) \
  row(double, smoothing, 0.35, 0.01, 1, false, "") \
  row(std::chrono::milliseconds, half_life, 700, 1, hour_ms, false, "ms") \
  row(std::chrono::milliseconds, stall_after, 400, 1, hour_ms, false, "ms") \
  row(std::chrono::milliseconds, stall_ceiling, 1500, 1, hour_ms, false, "ms") \
  row(std::chrono::milliseconds, cadence_window, 1000, 1, minute_ms, false, "ms") \
  row(double, full_cadence, 20, 0.01, 1000000, false, "tokens a second") \
  row(double, burst_cadence, 12, 0.01, 1000000, false, "tokens a second") \
  row(double, cadence_weight, 0.5, 0, 1, false, "") \
  row(double, certainty_weight, 0.3, 0, 1, false, "") \
  row(double, stall_weight, 0.2, 0, 1, false, "") \
  row(double, cadence_weight_alone, 0.7, 0, 1, false, "") \
  row(double, stall_weight_alone, 0.3, 0, 1, false, "")
#define WIRTHFORGE_JOURNAL_OPTIONS(row) \
  row(std::chrono::milliseconds, energy_interval, 100, 16, hour_ms, false, "ms") \
  row(std::chrono::milliseconds, batch_interval, 100, 1, minute_ms, false, "ms") \
  row(std::size_t, max_file_bytes, 16777216, 4096, no_limit, false, "bytes") \
  row(std::size_t, max_files, 16, 1, no_limit, false, "files") \
  row(std::size_t, max_queued_bytes, 16777216, 65536, no_limit, false, "bytes")
#define WIRTHFORGE_MODEL_BRIDGE_OPTIONS(row) \
  row(std::chrono::milliseconds, connect_timeout, 5000, 1, year_ms, false, "ms") \
  row(std::chrono::milliseconds, first_byte_timeout, 600000, 1, year_ms, false, "ms") \
  row(std::chrono::milliseconds, silence_timeout, 300000, 1, year_ms, false, "ms") \
  row(std::chrono::milliseconds, retry_interval, 1000, 1, year_ms, false, "ms") \
  row(std::size_t, max_line_bytes, 8388608, 1024, gib, false, "bytes") \
  row(std::uint64_t, max_body_bytes, 1073741824, 1, no_limit, false, "bytes") \
  row(std::size_t, max_text_bytes_per_beat, 16384, 4, no_limit, false, "bytes") \
  row(std::size_t, max_read_bytes_per_beat, 262144, 1, no_limit, false, "bytes") \
  row(std::size_t, max_queued_bytes, 65536, 1, no_limit, false, "bytes")
// clang-format on

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

// Constants that the ranges in the table use.
namespace option_range {
inline constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();
inline constexpr std::uint64_t gib = std::uint64_t(1) << 30U;
inline constexpr std::int64_t minute_ms = 60'000, hour_ms = 3'600'000, year_ms = 8760 * hour_ms, year_s = year_ms / 1000;
}  // namespace option_range

#define WIRTHFORGE_OPTION_DEFAULT(type, name, standard, least, most, also_zero, unit) inline constexpr type name{standard};
/// The defaults of `server_options`, by name.
namespace server_default {
WIRTHFORGE_SERVER_OPTIONS(WIRTHFORGE_OPTION_DEFAULT)
}
/// The defaults of `journal_options`, by name.
namespace journal_default {
WIRTHFORGE_JOURNAL_OPTIONS(WIRTHFORGE_OPTION_DEFAULT)
}
#undef WIRTHFORGE_OPTION_DEFAULT

#define WIRTHFORGE_VISITED_OPTION(type, name, standard, least, most, also_zero, unit) \
  visit(#name, options.name, type{standard}, least, most, also_zero, unit);
/// Calls `visit(name, member, default, least, most, also_zero, unit)` for each row. `Options` is `server_options`, const or
/// not.
template <class Options, class Visit>
void each_server_option(Options& options, Visit visit) {
  using namespace option_range;
  WIRTHFORGE_SERVER_OPTIONS(WIRTHFORGE_VISITED_OPTION)
}
/// Likewise for `energy_options`.
template <class Options, class Visit>
void each_energy_option(Options& options, Visit visit) {
  using namespace option_range;
  WIRTHFORGE_ENERGY_OPTIONS(WIRTHFORGE_VISITED_OPTION)
}
/// Likewise for `journal_options`.
template <class Options, class Visit>
void each_journal_option(Options& options, Visit visit) {
  using namespace option_range;
  WIRTHFORGE_JOURNAL_OPTIONS(WIRTHFORGE_VISITED_OPTION)
}
/// Likewise for `model_bridge_options`.
template <class Options, class Visit>
void each_model_bridge_option(Options& options, Visit visit) {
  using namespace option_range;
  WIRTHFORGE_MODEL_BRIDGE_OPTIONS(WIRTHFORGE_VISITED_OPTION)
}
#undef WIRTHFORGE_VISITED_OPTION
#undef WIRTHFORGE_SERVER_OPTIONS
#undef WIRTHFORGE_ENERGY_OPTIONS
#undef WIRTHFORGE_JOURNAL_OPTIONS
#undef WIRTHFORGE_MODEL_BRIDGE_OPTIONS

}}}  // namespace wirthforge::detail
