// A server's counters as rows: the lines of /metrics and /api/metrics.
#pragma once

#include <cstdint>

#include "server/stats.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace detail {

struct stats_row {
  const char* name;  // Prometheus; JSON has the same without the prefix
  const char* type;
  const char* help;
  std::uint64_t server_stats::*count;
  double server_stats::*measure = nullptr;  // where it is no count

  double value_in(const server_stats& stats) const {
    return measure == nullptr ? static_cast<double>(stats.*count) : stats.*measure;
  }
};

inline constexpr stats_row stats_rows[] = {
    {"connections", "gauge", "WebSocket clients now", &server_stats::connections},
    {"connections_limit", "gauge", "Connections that there is room for", &server_stats::connections_limit},
    {"connections_total", "counter", "WebSocket clients since the start", &server_stats::connections_total},
    {"refused_total", "counter", "Requests refused by the access gate or a limit", &server_stats::refused_total},
    {"lagged_total", "counter", "Clients closed because they fell behind", &server_stats::lagged_total},
    {"clients_lagging", "gauge", "Clients that are behind now", &server_stats::clients_lagging},
    {"log_bytes", "gauge", "Bytes kept for clients that are behind or come back", &server_stats::log_bytes},
    {"queued_bytes", "gauge", "Bytes waiting for the I/O loop", &server_stats::queued_bytes},
    {"ticks_total", "counter", "Ticks of the 60 Hz loop", &server_stats::ticks_total},
    {"missed_ticks_total", "counter", "Periods without a tick", &server_stats::missed_ticks_total},
    {"overruns_total", "counter", "Ticks that ran past their period", &server_stats::overruns_total},
    {"frame_rate_hz", "gauge", "Measured tick rate", nullptr, &server_stats::frame_rate_hz},
    {"events_total", "counter", "Events accepted", &server_stats::events_total},
    {"events_framed_total", "counter", "Events serialized", &server_stats::events_framed_total},
    {"events_refused_total", "counter", "Events that violated their schema", &server_stats::events_refused_total},
    {"frames_skipped_total", "counter", "Energy frames skipped for slow clients", &server_stats::frames_skipped_total},
    {"client_messages_total", "counter", "Messages from clients", &server_stats::client_messages_total},
    {"client_messages_bad_total", "counter", "Messages that are no part of the protocol", &server_stats::client_messages_bad_total},
    {"callback_errors_total", "counter", "Exceptions from callbacks", &server_stats::callback_errors_total},
    {"callback_dropped_total", "counter", "Callbacks dropped", &server_stats::callback_dropped_total},
    {"journal_written_total", "counter", "Events written to the journal", &server_stats::journal_written_total},
    {"journal_left_out_total", "counter", "Events the journal does not hold", &server_stats::journal_left_out_total},
    {"bytes_sent_total", "counter", "Bytes sent", &server_stats::bytes_sent_total},
    {"bytes_received_total", "counter", "Bytes received", &server_stats::bytes_received_total},
    {"uptime_seconds", "gauge", "Seconds since the server began to listen", nullptr, &server_stats::uptime_seconds},
};

// Each member is a number of eight bytes, and has a row.
static_assert(sizeof(server_stats) == sizeof(stats_rows) / sizeof(stats_row) * sizeof(std::uint64_t), "a member without its row");
static_assert(sizeof(double) == sizeof(std::uint64_t), "the sum above counts members");

}}}  // namespace wirthforge::detail
