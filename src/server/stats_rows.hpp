// A server's counters as rows: what /metrics and /api/metrics list.
#pragma once

#include <cstdint>
#include <vector>

#include "base/cold.hpp"
#include "server/stats.hpp"

namespace wirthforge::detail {

struct stats_row {
  const char* name;  // Prometheus; JSON has the same without the prefix
  const char* type;
  const char* help;
  double value;
};

WIRTHFORGE_COLD inline std::vector<stats_row> rows_of(const server_stats& stats) {
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  return {
      {"connections", "gauge", "WebSocket clients now", number(stats.connections)},
      {"connections_total", "counter", "WebSocket clients since the start", number(stats.connections_total)},
      {"refused_total", "counter", "Requests refused by the access gate or a limit", number(stats.refused_total)},
      {"lagged_total", "counter", "Clients closed because they fell behind", number(stats.lagged_total)},
      {"clients_lagging", "gauge", "Clients that are behind now", number(stats.clients_lagging)},
      {"log_bytes", "gauge", "Bytes kept for clients that are behind or come back", number(stats.log_bytes)},
      {"queued_bytes", "gauge", "Bytes waiting for the I/O loop", number(stats.queued_bytes)},
      {"ticks_total", "counter", "Ticks of the 60 Hz loop", number(stats.ticks_total)},
      {"missed_ticks_total", "counter", "Periods without a tick", number(stats.missed_ticks_total)},
      {"overruns_total", "counter", "Ticks that ran past their period", number(stats.overruns_total)},
      {"frame_rate_hz", "gauge", "Measured tick rate", stats.frame_rate_hz},
      {"events_total", "counter", "Events accepted", number(stats.events_total)},
      {"events_framed_total", "counter", "Events serialized", number(stats.events_framed_total)},
      {"events_refused_total", "counter", "Events that violated their schema", number(stats.events_refused_total)},
      {"frames_skipped_total", "counter", "Energy frames skipped for slow clients", number(stats.frames_skipped_total)},
      {"client_messages_total", "counter", "Messages from clients", number(stats.client_messages_total)},
      {"client_messages_bad_total", "counter", "Messages that are no part of the protocol", number(stats.client_messages_bad_total)},
      {"callback_errors_total", "counter", "Exceptions from callbacks", number(stats.callback_errors_total)},
      {"callback_dropped_total", "counter", "Callbacks dropped", number(stats.callback_dropped_total)},
      {"journal_written_total", "counter", "Events written to the journal", number(stats.journal_written_total)},
      {"journal_left_out_total", "counter", "Events the journal does not hold", number(stats.journal_left_out_total)},
      {"bytes_sent_total", "counter", "Bytes sent", number(stats.bytes_sent_total)},
      {"bytes_received_total", "counter", "Bytes received", number(stats.bytes_received_total)},
      {"uptime_seconds", "gauge", "Seconds since the server began to listen", stats.uptime_seconds},
  };
}

}  // namespace wirthforge::detail
