// Clients as the integrator sees them: their names, how they left, how far they are behind; and the result of publishing an
// event.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI {

/// The result of publishing an event.
enum class publish_result {
  sent,              ///< It is on its way to every listening client, and can be resumed.
  coalesced,         ///< As `sent`; but at least one client is behind, and will get this frame's sums in a later one.
  nobody_listening,  ///< Valid, but no client is connected.
  refused            ///< Nothing was sent; the error says why.
};

/// A client, as the hooks name it. Stays valid as a value when the client has gone.
struct connection_info {
  std::string id;      ///< `connectionId` on the wire: `<epoch>.<number>`.
  std::string origin;  ///< The page's Origin; empty for a native client.
};

/// A person at a client wants an answer to end (`stop` on the wire).
struct stop_request {
  std::string session_id;      ///< Of an answer that was open when the client's message came.
  connection_info connection;  ///< The client that asks.
};

/// How a client left.
struct disconnect_info {
  std::uint16_t close_code = 1006;  ///< RFC 6455 section 7.4; 1006 when the connection was cut.
  std::error_code error;            ///< The cause, when it was a fault; empty after an orderly close.
};

/// How far one client is behind.
struct backpressure {
  bool is_lagging = false;           ///< The oldest waiting event is older than `server_options::lag_threshold`.
  std::chrono::milliseconds lag{};   ///< How long the oldest waiting event has waited; 0 when none waits.
  std::size_t buffered_bytes = 0;    ///< Handed to this connection and not yet taken by the kernel; bounded.
  std::size_t waiting_events = 0;    ///< Events of the shared log that are still to be sent to it.
  std::size_t waiting_bytes = 0;     ///< Bytes of these events; they are held once for all clients.
  std::uint64_t frames_skipped = 0;  ///< Energy frames that it did not get; later frames contain their sums.
};

/// One row of `server::connections()`.
struct connection_stats {
  connection_info info;   ///< Which client.
  backpressure pressure;  ///< How far it is behind.
};

}}  // namespace wirthforge
