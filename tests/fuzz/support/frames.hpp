// WebSocket frame headers as RFC 6455 section 5.2 draws them, written for clarity and not for speed: the reference for the reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "base/error.hpp"

namespace fuzz {

/// Which frames are refused for their mask bit.
enum class mask_rule { any, required, forbidden };

struct plain_header {
  std::size_t size = 0;   ///< 0: more bytes are needed.
  std::error_code error;  ///< The fault of the earliest wrong byte.
  bool is_final = false;
  unsigned opcode = 0;
  bool is_masked = false;
  std::uint64_t length = 0;
  unsigned char key[4] = {};
};

inline plain_header read_plain_header(std::string_view bytes, mask_rule rule) {
  using wirthforge::errc;
  plain_header out;
  const auto bit = [&](std::size_t number) {  // as the figure counts them
    return (static_cast<unsigned char>(bytes[number / 8]) >> (7 - number % 8) & 1U) != 0;
  };
  const auto bits = [&](std::size_t first, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t each = first; each < first + count; ++each) value = value * 2 + (bit(each) ? 1 : 0);
    return value;
  };
  const auto refuse = [&](errc why) {
    out.error = why;
    return out;
  };
  if (bytes.empty()) return out;
  if (bits(1, 3) != 0) return refuse(errc::reserved_bits);
  out.is_final = bit(0);
  out.opcode = static_cast<unsigned>(bits(4, 4));
  switch (out.opcode) {
    case 0:
    case 1:
    case 2:
    case 8:
    case 9:
    case 10: break;
    default: return refuse(errc::opcode_unknown);
  }
  const bool is_control = out.opcode >= 8;
  if (is_control && !out.is_final) return refuse(errc::control_fragmented);
  if (bytes.size() < 2) return out;
  out.is_masked = bit(8);
  if (rule == mask_rule::required && !out.is_masked) return refuse(errc::frame_unmasked);
  if (rule == mask_rule::forbidden && out.is_masked) return refuse(errc::frame_masked);
  std::uint64_t length = bits(9, 7);
  if (is_control && length > 125) return refuse(errc::control_too_big);
  std::size_t at = 2;
  if (length == 126) {
    if (bytes.size() < 4) return out;
    length = bits(16, 16);
    if (length < 126) return refuse(errc::length_not_minimal);
    at = 4;
  } else if (length == 127) {
    if (bytes.size() > 2 && bit(16)) return refuse(errc::length_high_bit);
    if (bytes.size() < 10) return out;
    length = bits(16, 64);
    if (length < 65536) return refuse(errc::length_not_minimal);
    at = 10;
  }
  out.length = length;
  if (out.is_masked) {
    if (bytes.size() < at + 4) return out;
    for (std::size_t n = 0; n < 4; ++n) out.key[n] = static_cast<unsigned char>(bytes[at + n]);
    at += 4;
  }
  out.size = at;
  return out;
}

}  // namespace fuzz
