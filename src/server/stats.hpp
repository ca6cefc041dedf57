// The server's counters so far; /metrics and /api/metrics answer them.
#pragma once

#include <cstdint>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// A snapshot. Each number is exact by itself; two of them may be from slightly different moments.
struct server_stats {
  std::uint64_t connections = 0;            ///< WebSocket clients now.
  /// The number of connections that there is room for: `server_options::max_connections`, or fewer if the process may not open
  /// so many descriptors. From `listen()` on.
  std::uint64_t connections_limit = 0;
  std::uint64_t connections_total = 0;      ///< WebSocket clients since the start.
  std::uint64_t refused_total = 0;          ///< Requests that the access gate or a limit refused.
  std::uint64_t lagged_total = 0;           ///< Clients closed because they fell too far behind.
  std::uint64_t clients_lagging = 0;        ///< Clients that are behind now.
  std::uint64_t log_bytes = 0;              ///< Bytes that are kept for lagging and returning clients, for all together.
  std::uint64_t queued_bytes = 0;           ///< Bytes that wait for the I/O loop.
  std::uint64_t ticks_total = 0;            ///< Ticks of the 60 Hz loop.
  std::uint64_t missed_ticks_total = 0;     ///< Periods that passed without a tick.
  std::uint64_t overruns_total = 0;         ///< Ticks whose callback took longer than its period.
  double frame_rate_hz = 0;                 ///< Measured over the last second.
  std::uint64_t events_total = 0;           ///< Accepted events, whether or not a client listened.
  std::uint64_t events_framed_total = 0;    ///< Events that were serialized, once each.
  std::uint64_t events_refused_total = 0;   ///< Events that violated their schema.
  std::uint64_t frames_skipped_total = 0;   ///< Energy frames that slow clients did not get; later frames contain their sums.
  std::uint64_t client_messages_total = 0;  ///< Messages that clients sent.
  std::uint64_t client_messages_bad_total = 0;  ///< Of these, the ones that are no part of the protocol.
  std::uint64_t callback_errors_total = 0;   ///< Exceptions that left an integrator's callback.
  std::uint64_t callback_dropped_total = 0;  ///< Hook and tap calls dropped because a hook was too slow.
  std::uint64_t journal_written_total = 0;   ///< Events written to the journal.
  std::uint64_t journal_left_out_total = 0;  ///< Events that are missing in it: the disk was too slow, full or gone.
  std::uint64_t bytes_sent_total = 0;       ///< To all clients, over HTTP too.
  std::uint64_t bytes_received_total = 0;   ///< From all clients, over HTTP too.
  double uptime_seconds = 0;                ///< Since the server began to listen; 0 before.
};

}}  // namespace wirthforge
