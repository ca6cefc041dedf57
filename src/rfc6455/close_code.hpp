// Close codes (RFC 6455 section 7.4): which exist, which may travel, and the one that each error is told with.
#pragma once

#include <cstdint>

#include "base/error.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace rfc6455 {

enum class close_code : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  no_status = 1005,         ///< Never sent: the peer's close frame carried no code.
  abnormal_closure = 1006,  ///< Never sent: the line ended without a close frame.
  invalid_payload = 1007,
  policy_violation = 1008,
  message_too_big = 1009,
  mandatory_extension = 1010,
  internal_error = 1011,
  service_restart = 1012,
  try_again_later = 1013,
  bad_gateway = 1014
};

/// Codes that a close frame may carry: the registered ones, and 3000 to 4999 for libraries and applications.
inline constexpr bool may_be_sent(std::uint16_t code) noexcept {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

/// The close code that tells a peer of an error. Never 1000 for a fault: existing clients do not come back after it.
inline close_code close_code_for(errc error) noexcept {
  switch (error) {
    case errc::utf8_invalid:
    case errc::close_reason_utf8: return close_code::invalid_payload;
    case errc::message_too_big: return close_code::message_too_big;
    case errc::binary_not_accepted: return close_code::unsupported_data;
    case errc::too_many_fragments:
    case errc::too_many_messages:
    case errc::control_message_unknown:
    case errc::control_message_malformed: return close_code::policy_violation;
    // Not 1008: a laptop that slept is wanted back.
    case errc::pong_timeout:
    case errc::idle_timeout:
    case errc::close_timeout:
    case errc::handshake_timeout: return close_code::internal_error;
    case errc::lagged:
    case errc::too_many_connections: return close_code::try_again_later;
    case errc::server_stopped: return close_code::going_away;
    case errc::closed_abnormally: return close_code::abnormal_closure;
    default: break;
  }
  if (make_error_code(error) == condition::access_denied) return close_code::policy_violation;
  return make_error_code(error) == condition::peer_fault ? close_code::protocol_error : close_code::internal_error;
}

}}}  // namespace wirthforge::rfc6455
