// Base64 (RFC 4648 section 4): encoding, and a strict decoder that accepts the canonical form alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace text {

inline std::string base64_encode(std::string_view bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t size = bytes.size() - at < 3 ? bytes.size() - at : 3;
    std::uint32_t group = 0;
    for (std::size_t n = 0; n < 3; ++n) group = (group << 8) | (n < size ? static_cast<unsigned char>(bytes[at + n]) : 0U);
    for (std::size_t n = 0; n < 4; ++n) out += n <= size ? digits[(group >> (18 - 6 * n)) & 63U] : '=';
  }
  return out;
}

/// Nothing when the text is not canonical: wrong length, another alphabet, padding in a wrong place, or a last digit with bits
/// set that belong to no byte.
inline std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char each : text.substr(0, text.size() - padding)) {
    std::uint32_t digit = 0;
    if (each >= 'A' && each <= 'Z') digit = static_cast<std::uint32_t>(each - 'A');
    else if (each >= 'a' && each <= 'z') digit = static_cast<std::uint32_t>(each - 'a') + 26;
    else if (each >= '0' && each <= '9') digit = static_cast<std::uint32_t>(each - '0') + 52;
    else if (each == '+') digit = 62;
    else if (each == '/') digit = 63;
    else return std::nullopt;
    bits = (bits << 6) | digit;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>((bits >> held) & 0xFFU);
    bits &= (1U << held) - 1U;
  }
  if (bits != 0) return std::nullopt;
  return out;
}

}}}  // namespace wirthforge::text
