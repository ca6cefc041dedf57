// Close codes (RFC 6455 section 7.4): which exist, which may be sent, and which one reports which error.
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
  abnormal_closure = 1006,  ///< Never sent: the connection ended without a close frame.
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

/// The close code that reports an error to a peer, from the table; 1011 if the table has none. Never 1000 for a fault, and
/// 1008 only if the peer should not return: existing clients do not reconnect after these.
inline close_code close_code_for(errc error) noexcept {
  const wirthforge::detail::error_row* const row = wirthforge::detail::row_of(error);
  return row != nullptr && row->close_code != 0 ? static_cast<close_code>(row->close_code) : close_code::internal_error;
}

}}}  // namespace wirthforge::rfc6455
