// SHA-1 (RFC 3174), for Sec-WebSocket-Accept alone: the handshake needs it, and no security depends on it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace text {

namespace detail {

using sha1_state = std::uint32_t[5];

inline void mix_sha1_block(sha1_state& h, const unsigned char* block) noexcept {
  const auto rotate = [](std::uint32_t word, int bits) { return (word << bits) | (word >> (32 - bits)); };
  std::uint32_t w[80];
  for (std::size_t t = 0; t < 16; ++t) {
    const auto byte = [&](std::size_t n) { return static_cast<std::uint32_t>(block[t * 4 + n]); };
    w[t] = byte(0) << 24U | byte(1) << 16U | byte(2) << 8U | byte(3);
  }
  for (std::size_t t = 16; t < 80; ++t) w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);

  std::uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
  const auto turn = [&](std::uint32_t f, std::uint32_t k, std::uint32_t word) {
    const std::uint32_t next = rotate(a, 5) + f + e + word + k;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  };
  for (std::size_t t = 0; t < 20; ++t) turn((b & c) | (~b & d), 0x5A827999U, w[t]);
  for (std::size_t t = 20; t < 40; ++t) turn(b ^ c ^ d, 0x6ED9EBA1U, w[t]);
  for (std::size_t t = 40; t < 60; ++t) turn((b & c) | (b & d) | (c & d), 0x8F1BBCDCU, w[t]);
  for (std::size_t t = 60; t < 80; ++t) turn(b ^ c ^ d, 0xCA62C1D6U, w[t]);
  h[0] += a;
  h[1] += b;
  h[2] += c;
  h[3] += d;
  h[4] += e;
}

}  // namespace detail

/// The 20 bytes of the digest.
inline std::array<unsigned char, 20> sha1(std::string_view message) noexcept {
  constexpr std::size_t block_bytes = 64;
  detail::sha1_state h = {0x67452301U, 0xEFCDAB89U, 0x98BADCFEU, 0x10325476U, 0xC3D2E1F0U};
  const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
  const std::size_t whole = message.size() / block_bytes * block_bytes;
  for (std::size_t at = 0; at < whole; at += block_bytes) detail::mix_sha1_block(h, bytes + at);

  // The remaining bytes, a set bit, zeros, and the number of bits: one block, or two where they do not fit into one.
  unsigned char end[2 * block_bytes] = {};
  const std::size_t left = message.size() - whole;
  if (left > 0) std::memcpy(end, bytes + whole, left);
  end[left] = 0x80;
  const std::size_t end_bytes = left < block_bytes - 8 ? block_bytes : 2 * block_bytes;
  const std::uint64_t bit_count = std::uint64_t{8} * message.size();
  for (std::size_t n = 0; n < 8; ++n) end[end_bytes - 1 - n] = static_cast<unsigned char>((bit_count >> (8 * n)) & 0xFFU);
  for (std::size_t at = 0; at < end_bytes; at += block_bytes) detail::mix_sha1_block(h, end + at);

  std::array<unsigned char, 20> digest{};
  for (std::size_t byte = 0; byte < digest.size(); ++byte) {
    digest[byte] = static_cast<unsigned char>((h[byte / 4] >> (24 - 8 * (byte % 4))) & 0xFFU);
  }
  return digest;
}

}}}  // namespace wirthforge::text
