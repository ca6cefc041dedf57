// Masking (RFC 6455 section 5.3): the payload XOR a four-byte key, over and over. The same call masks and unmasks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace rfc6455 {

using mask_key = std::array<unsigned char, 4>;

/// The definition, byte by byte: the tests compare the fast form with it.
inline void apply_mask_plainly(char* data, std::size_t size, const mask_key& key, std::size_t offset) noexcept {
  for (std::size_t at = 0; at < size; ++at) {
    data[at] = static_cast<char>(static_cast<unsigned char>(data[at]) ^ key[(offset + at) % 4]);
  }
}

/// As above, by words, four of them at a time while there are enough: GCC at -O2 makes no vector instructions of the plain
/// loop. `offset` is the number of payload bytes before these, so that a payload may come in pieces.
inline void apply_mask(char* data, std::size_t size, const mask_key& key, std::size_t offset = 0) noexcept {
  unsigned char twice[8];
  std::memcpy(twice, key.data(), 4);
  std::memcpy(twice + 4, key.data(), 4);
  std::uint32_t half = 0;
  std::memcpy(&half, twice + offset % 4, sizeof half);
  const std::uint64_t pattern = half | static_cast<std::uint64_t>(half) << 32U;
  std::size_t at = 0;
  for (; at + 32 <= size; at += 32) {
    std::uint64_t words[4];
    std::memcpy(words, data + at, sizeof words);
    for (std::uint64_t& word : words) word ^= pattern;
    std::memcpy(data + at, words, sizeof words);
  }
  for (; at + 8 <= size; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, data + at, sizeof word);
    word ^= pattern;
    std::memcpy(data + at, &word, sizeof word);
  }
  if (at + 4 <= size) {
    std::uint32_t word = 0;
    std::memcpy(&word, data + at, sizeof word);
    word ^= half;
    std::memcpy(data + at, &word, sizeof word);
    at += 4;
  }
  apply_mask_plainly(data + at, size - at, key, offset + at);
}

}}}  // namespace wirthforge::rfc6455
