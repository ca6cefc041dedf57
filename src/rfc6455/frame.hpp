// Decodes and encodes WebSocket frame headers (RFC 6455 section 5.2). Pure functions over bytes: no sockets, no clock, no
// allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "rfc6455/mask.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace rfc6455 {

enum class opcode : unsigned char { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

inline constexpr bool is_control(opcode code) noexcept { return (static_cast<unsigned char>(code) & 8U) != 0; }

/// Two bytes, eight of length, four of key.
inline constexpr std::size_t max_frame_header_bytes = 14;
/// "All control frames MUST have a payload length of 125 bytes or less" (section 5.5).
inline constexpr std::size_t max_control_payload_bytes = 125;

struct frame_header {
  bool is_final = true;
  opcode code = opcode::text;
  bool is_masked = false;
  mask_key key{};
  std::uint64_t payload_bytes = 0;
};

/// Whether the peer must mask its frames: a client must, a server must not (section 5.1).
enum class masking : unsigned char { any, required, forbidden };

/// The result of `decode_frame_header`.
struct decoded_header {
  std::size_t size = 0;   ///< Bytes that the header takes; 0 when more are needed.
  std::error_code error;  ///< A header that no further byte could make valid.
  frame_header header;
};

/// Reads a header from the front of `bytes`. An error is reported as soon as the byte that causes it has come, and the
/// earliest byte's error is reported: a header in pieces gives the same result as a whole one. The protocol checks whether the
/// opcode fits the message.
inline decoded_header decode_frame_header(const char* bytes, std::size_t size, masking expected = masking::any) noexcept {
  decoded_header result;
  const auto byte = [bytes](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  const auto fail = [&result](errc error) {
    result.error = error;
    return result;
  };
  if (size < 1) return result;
  const unsigned char code = byte(0) & 0x0FU;
  // "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values": none is.
  if ((byte(0) & 0x70U) != 0) return fail(errc::reserved_bits);
  if ((code > 2 && code < 8) || code > 10) return fail(errc::opcode_unknown);
  result.header.is_final = (byte(0) & 0x80U) != 0;
  result.header.code = static_cast<opcode>(code);
  if (is_control(result.header.code) && !result.header.is_final) return fail(errc::control_fragmented);
  if (size < 2) return result;
  result.header.is_masked = (byte(1) & 0x80U) != 0;
  if (expected == masking::required && !result.header.is_masked) return fail(errc::frame_unmasked);
  if (expected == masking::forbidden && result.header.is_masked) return fail(errc::frame_masked);
  const unsigned char short_length = byte(1) & 0x7FU;
  if (is_control(result.header.code) && short_length > max_control_payload_bytes) return fail(errc::control_too_big);

  const std::size_t length_bytes = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  // "the most significant bit MUST be 0"
  if (length_bytes == 8 && size > 2 && (byte(2) & 0x80U) != 0) return fail(errc::length_high_bit);
  const std::size_t key_at = 2 + length_bytes;
  const std::size_t header_bytes = key_at + (result.header.is_masked ? 4 : 0);
  if (size < key_at) return result;
  std::uint64_t length = short_length;
  if (length_bytes > 0) {
    length = 0;
    for (std::size_t at = 2; at < key_at; ++at) length = (length << 8U) | byte(at);
    // "the minimal number of bytes MUST be used to encode the length"
    if (length < 126 || (length_bytes == 8 && length < 65536)) return fail(errc::length_not_minimal);
  }
  result.header.payload_bytes = length;
  if (size < header_bytes) return result;
  if (result.header.is_masked) {
    for (std::size_t at = 0; at < 4; ++at) result.header.key[at] = byte(key_at + at);
  }
  result.size = header_bytes;
  return result;
}

/// Writes a header for a final frame unless told otherwise; `out` has room for `max_frame_header_bytes`. Returns its size.
inline std::size_t encode_frame_header(char* out, opcode code, std::uint64_t payload_bytes, const mask_key* key = nullptr,
                                       bool is_final = true) noexcept {
  const unsigned mask_bit = key != nullptr ? 0x80U : 0;
  out[0] = static_cast<char>((is_final ? 0x80U : 0U) | static_cast<unsigned>(code));
  std::size_t at = 2;
  std::size_t length_bytes = 0;
  if (payload_bytes < 126) {
    out[1] = static_cast<char>(mask_bit | static_cast<unsigned>(payload_bytes));
  } else if (payload_bytes < 65536) {
    out[1] = static_cast<char>(mask_bit | 126U);
    length_bytes = 2;
  } else {
    out[1] = static_cast<char>(mask_bit | 127U);
    length_bytes = 8;
  }
  for (std::size_t left = length_bytes; left > 0; --left) {
    out[at++] = static_cast<char>((payload_bytes >> (8 * (left - 1))) & 0xFFU);
  }
  if (key != nullptr) {
    for (const unsigned char each : *key) out[at++] = static_cast<char>(each);
  }
  return at;
}

/// Appends a whole frame, masked when there is a key.
inline void append_frame(std::string& out, opcode code, std::string_view payload, const mask_key* key = nullptr,
                         bool is_final = true) {
  char header[max_frame_header_bytes];
  out.append(header, encode_frame_header(header, code, payload.size(), key, is_final));
  const std::size_t payload_at = out.size();
  out += payload;
  if (key != nullptr) apply_mask(&out[0] + payload_at, payload.size(), *key);
}

}}}  // namespace wirthforge::rfc6455
