// What a server has done so far, as numbers; also what /metrics and /api/metrics answer.
#pragma once

#include <cstdint>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// A snapshot. Each number is exact by itself; two of them may be a moment apart.
struct server_stats {
  std::uint64_t connections = 0;            ///< WebSocket clients now.
  /// Connections at once that there is room for: `server_options::max_connections`, or fewer where the process may not open so many
  /// descriptors. From `listen()` on.
  std::uint64_t connections_limit = 0;
  std::uint64_t connections_total = 0;      ///< WebSocket clients since the start.
  std::uint64_t refused_total = 0;          ///< Requests that the access gate or a limit refused.
  std::uint64_t lagged_total = 0;           ///< Clients closed because they fell too far behind.
  std::uint64_t clients_lagging = 0;        ///< Clients that are behind now.
  std::uint64_t log_bytes = 0;              ///< What is kept for those who are behind or come back, for all together.
  std::uint64_t queued_bytes = 0;           ///< What waits for the I/O loop.
  std::uint64_t ticks_total = 0;            ///< Ticks of the 60 Hz loop.
  std::uint64_t missed_ticks_total = 0;     ///< Periods that went by without a tick.
  std::uint64_t overruns_total = 0;         ///< Ticks whose callback ran past its period.
  double frame_rate_hz = 0;                 ///< Measured over the last second.
  std::uint64_t events_total = 0;           ///< Events that were accepted, whether or not anybody listened.
  std::uint64_t events_framed_total = 0;    ///< Events that were serialized, once each.
  std::uint64_t events_refused_total = 0;   ///< Events that violated their schema.
  std::uint64_t frames_skipped_total = 0;   ///< Energy frames that slow clients did not get; their sums went into later ones.
  std::uint64_t client_messages_total = 0;  ///< Messages that clients sent.
  std::uint64_t client_messages_bad_total = 0;  ///< Of these, the ones that are no part of the protocol.
  std::uint64_t callback_errors_total = 0;   ///< Exceptions that left an integrator's callback.
  std::uint64_t callback_dropped_total = 0;  ///< Hook and tap calls dropped because a hook was too slow.
  std::uint64_t journal_written_total = 0;   ///< Events written to the journal.
  std::uint64_t journal_left_out_total = 0;  ///< Events that it does not hold: the disk was too slow, full or gone.
  std::uint64_t bytes_sent_total = 0;       ///< To all clients, over HTTP too.
  std::uint64_t bytes_received_total = 0;   ///< From all clients, over HTTP too.
  double uptime_seconds = 0;                ///< Since the server began to listen; 0 before.
};

}}  // namespace wirthforge
