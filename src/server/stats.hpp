// What a server has done so far, as numbers; also what /metrics and /api/metrics answer.
#pragma once

#include <cstdint>

namespace wirthforge {

/// A snapshot. Each number is exact by itself; two of them may be a moment apart.
struct server_stats {
  std::uint64_t connections = 0;            ///< WebSocket clients now.
  std::uint64_t connections_total = 0;      ///< WebSocket clients since the start.
  std::uint64_t refused_total = 0;          ///< Requests that the access gate or a limit refused.
  std::uint64_t lagged_total = 0;           ///< Clients closed because they fell too far behind.
  std::uint64_t clients_lagging = 0;        ///< Clients that are behind now.
  std::uint64_t log_bytes = 0;              ///< What is kept for those who are behind or come back, for all together.
  std::uint64_t queued_bytes = 0;           ///< What waits for the I/O loop.
  std::uint64_t ticks_total = 0;
  std::uint64_t missed_ticks_total = 0;     ///< Periods that went by without a tick.
  std::uint64_t overruns_total = 0;         ///< Ticks whose callback ran past its period.
  double frame_rate_hz = 0;                 ///< Measured over the last second.
  std::uint64_t events_total = 0;           ///< Events that were accepted, whether or not anybody listened.
  std::uint64_t events_framed_total = 0;    ///< Events that were serialized, once each.
  std::uint64_t events_refused_total = 0;   ///< Events that violated their schema.
  std::uint64_t frames_skipped_total = 0;   ///< Energy frames that slow clients did not get; their sums went into later ones.
  std::uint64_t client_messages_total = 0;  ///< Messages that clients sent.
  std::uint64_t client_messages_bad_total = 0;
  std::uint64_t callback_errors_total = 0;   ///< Exceptions that left an integrator's callback.
  std::uint64_t callback_dropped_total = 0;  ///< Hook and tap calls dropped because a hook was too slow.
  std::uint64_t journal_written_total = 0;   ///< Events written to the journal.
  std::uint64_t journal_left_out_total = 0;  ///< Events that it does not hold: the disk was too slow, full or gone.
  std::uint64_t bytes_sent_total = 0;
  std::uint64_t bytes_received_total = 0;
  double uptime_seconds = 0;
};

namespace detail {

struct stats_row {
  const char* name;  // Prometheus; JSON has the same without the prefix
  const char* type;
  const char* help;
  double value;
};

template <class Row>
void each_stat(const server_stats& stats, Row row) {
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  row(stats_row{"connections", "gauge", "WebSocket clients now", number(stats.connections)});
  row(stats_row{"connections_total", "counter", "WebSocket clients since the start", number(stats.connections_total)});
  row(stats_row{"refused_total", "counter", "Requests refused by the access gate or a limit", number(stats.refused_total)});
  row(stats_row{"lagged_total", "counter", "Clients closed because they fell behind", number(stats.lagged_total)});
  row(stats_row{"clients_lagging", "gauge", "Clients that are behind now", number(stats.clients_lagging)});
  row(stats_row{"log_bytes", "gauge", "Bytes kept for clients that are behind or come back", number(stats.log_bytes)});
  row(stats_row{"queued_bytes", "gauge", "Bytes waiting for the I/O loop", number(stats.queued_bytes)});
  row(stats_row{"ticks_total", "counter", "Ticks of the 60 Hz loop", number(stats.ticks_total)});
  row(stats_row{"missed_ticks_total", "counter", "Periods without a tick", number(stats.missed_ticks_total)});
  row(stats_row{"overruns_total", "counter", "Ticks that ran past their period", number(stats.overruns_total)});
  row(stats_row{"frame_rate_hz", "gauge", "Measured tick rate", stats.frame_rate_hz});
  row(stats_row{"events_total", "counter", "Events accepted", number(stats.events_total)});
  row(stats_row{"events_framed_total", "counter", "Events serialized", number(stats.events_framed_total)});
  row(stats_row{"events_refused_total", "counter", "Events that violated their schema", number(stats.events_refused_total)});
  row(stats_row{"frames_skipped_total", "counter", "Energy frames skipped for slow clients", number(stats.frames_skipped_total)});
  row(stats_row{"client_messages_total", "counter", "Messages from clients", number(stats.client_messages_total)});
  row(stats_row{"client_messages_bad_total", "counter", "Messages that are no part of the protocol", number(stats.client_messages_bad_total)});
  row(stats_row{"callback_errors_total", "counter", "Exceptions from callbacks", number(stats.callback_errors_total)});
  row(stats_row{"callback_dropped_total", "counter", "Callbacks dropped", number(stats.callback_dropped_total)});
  row(stats_row{"journal_written_total", "counter", "Events written to the journal", number(stats.journal_written_total)});
  row(stats_row{"journal_left_out_total", "counter", "Events the journal does not hold", number(stats.journal_left_out_total)});
  row(stats_row{"bytes_sent_total", "counter", "Bytes sent", number(stats.bytes_sent_total)});
  row(stats_row{"bytes_received_total", "counter", "Bytes received", number(stats.bytes_received_total)});
  row(stats_row{"uptime_seconds", "gauge", "Seconds since the server began to listen", stats.uptime_seconds});
}

}  // namespace detail

}  // namespace wirthforge
