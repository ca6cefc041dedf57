// Log lines about clients that were closed or turned away: the value, the limit that it broke, and the option that moves the
// limit. Pure functions; they hold nothing that the client sent.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <system_error>

#include "base/clock.hpp"
#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/error.hpp"
#include "live/hub.hpp"
#include "live/peer.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace live {

/// Every limit that a client can break.
struct client_limits {
  const peer_options& peers;
  const hub_options& hub;
};

/// The text after the error's message: value, limit and option; or that no option moves the limit. `value` is the number that
/// the error is about (bytes of a message, lost events); 0 where it was not counted.
WIRTHFORGE_COLD inline std::string limit_text(std::error_code error, std::uint64_t value, const client_limits& limits) {
  const auto limit = [](const std::string& what, std::uint64_t most, const char* unit, const char* option) {
    return concat({what, ", limit ", std::to_string(most), " ", unit, "; server_options::", option, " sets it"});
  };
  const auto ms = [](nanoseconds time) {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(time).count());
  };
  const auto overdue = [&](nanoseconds most, const char* option) {
    return limit(concat({"more than ", std::to_string(ms(most)), " ms"}), ms(most), "ms", option);
  };
  const auto more_than = [](std::uint64_t most, const char* unit) {
    return concat({"more than ", std::to_string(most), " ", unit});
  };
  const rfc6455::protocol_options& messages = limits.peers.protocol;
  const rfc6455::liveness_options& times = limits.peers.liveness;
  if (error.category() != wirthforge_category()) return {};
  switch (static_cast<errc>(error.value())) {
    case errc::message_too_big:
      return limit(std::to_string(value) + " bytes", messages.max_message_bytes, "bytes", "max_message_bytes");
    case errc::too_many_fragments:
      return limit(more_than(messages.max_fragments, "fragments"), messages.max_fragments, "fragments", "max_fragments");
    case errc::too_many_messages: {
      const auto most = static_cast<std::uint64_t>(limits.hub.max_client_messages_per_second);
      return limit(more_than(most, "messages and pings in a second"), most, "a second", "max_client_messages_per_second");
    }
    case errc::lagged:
      return concat({std::to_string(value), " events were dropped before they were sent to it, limits ",
                     std::to_string(limits.hub.log.max_bytes), " bytes, ", std::to_string(limits.hub.log.max_events),
                     " events, ", std::to_string(ms(limits.hub.log.max_age) / 1000), " s; server_options::log_max_bytes, ",
                     "server_options::log_max_events and server_options::log_max_age set them"});
    case errc::head_too_large:
      return limit(more_than(limits.peers.max_head_bytes, "bytes"), limits.peers.max_head_bytes, "bytes", "max_head_bytes");
    case errc::handshake_timeout: return overdue(times.handshake_timeout, "handshake_timeout");
    case errc::pong_timeout: return overdue(times.pong_timeout, "pong_timeout");
    case errc::idle_timeout: return overdue(times.idle_timeout, "idle_timeout");
    case errc::close_timeout: return overdue(times.close_timeout, "close_timeout");
    default: return "no option permits it";
  }
}

/// For a client that was closed for a fault of its own.
WIRTHFORGE_COLD inline std::string closed_text(const std::string& id, const ending& how, std::uint64_t value,
                                               const client_limits& limits) {
  return concat({"closed ", id, " with ", std::to_string(static_cast<int>(how.code)), ": ", how.error.message(), ": ",
                 limit_text(how.error, value, limits)});
}
/// For a head that never became a request.
WIRTHFORGE_COLD inline std::string refused_text(std::error_code error, const client_limits& limits) {
  return concat({"refused a request: ", error.message(), ": ", limit_text(error, 0, limits)});
}

/// The connections that were answered 503 since the last line about them.
struct turned_away {
  std::uint64_t at_cap = 0;     ///< There were `max_connections` already.
  std::uint64_t half_open = 0;  ///< Displaced by a newer one; none of them had sent a whole head.
};

WIRTHFORGE_COLD inline std::string turned_away_text(const turned_away& who, std::size_t max_connections,
                                                    std::size_t max_half_open) {
  std::string text = "answered 503";
  if (who.at_cap > 0) {
    append(text, {" to ", std::to_string(who.at_cap), " connections: there are ", std::to_string(max_connections), ", limit ",
                  std::to_string(max_connections), "; server_options::max_connections sets it"});
  }
  if (who.half_open > 0) {
    append(text, {who.at_cap > 0 ? ", and to " : " to ", std::to_string(who.half_open),
                  " connections without a whole request head: there are ", std::to_string(max_half_open), ", limit ",
                  std::to_string(max_half_open), "; server_options::max_half_open sets it"});
  }
  return text;
}

}}}  // namespace wirthforge::live
