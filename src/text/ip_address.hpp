// IP addresses in the one form in which browsers write them, in whichever form they were typed (URL standard, section 3.5,
// https://url.spec.whatwg.org/#host-parsing). Pure functions.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace text {
namespace detail {

/// The value of digits in that base; nothing past 32 bits. Letters of either case.
WIRTHFORGE_COLD inline std::optional<std::uint64_t> number_of(std::string_view digits, unsigned base) noexcept {
  if (digits.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char each : digits) {
    unsigned digit = 16;
    if (each >= '0' && each <= '9') digit = static_cast<unsigned>(each - '0');
    else if (each >= 'a' && each <= 'f') digit = static_cast<unsigned>(each - 'a') + 10;
    else if (each >= 'A' && each <= 'F') digit = static_cast<unsigned>(each - 'A') + 10;
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
    if (value > 0xFFFFFFFFU) return std::nullopt;
  }
  return value;
}

/// One number of an IPv4 address: decimal, octal after a 0, hexadecimal after 0x.
WIRTHFORGE_COLD inline std::optional<std::uint64_t> ipv4_number(std::string_view part) noexcept {
  const std::string_view prefix = part.substr(0, 2);
  if (prefix == "0x" || prefix == "0X") return part.size() == 2 ? 0 : number_of(part.substr(2), 16);
  if (part.size() > 1 && part[0] == '0') return number_of(part.substr(1), 8);
  return number_of(part, 10);
}

/// The 32 bits of an IPv4 address in any form that browsers accept, without a dot at its end.
WIRTHFORGE_COLD inline std::optional<std::uint64_t> ipv4_bits(std::string_view host) noexcept {
  std::uint64_t address = 0;
  for (unsigned bits_left = 32; bits_left > 0; bits_left -= 8) {
    const std::size_t dot = host.find('.');
    const auto number = ipv4_number(host.substr(0, dot));
    const bool is_last = dot == std::string_view::npos;
    if (!number || *number >> (is_last ? bits_left : 8U) != 0) return std::nullopt;
    if (is_last) return address << bits_left | *number;
    address = address << 8U | *number;
    host.remove_prefix(dot + 1);
  }
  return std::nullopt;
}

/// Eight groups as text: the longest run of two zeros or more is left out, the first of two equally long ones.
WIRTHFORGE_COLD inline std::string ipv6_text(const std::array<unsigned, 8>& groups) {
  std::size_t first = 0;
  std::size_t zeros = 1;
  for (std::size_t at = 0; at < groups.size(); ++at) {
    std::size_t end = at;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - at <= zeros) continue;
    first = at;
    zeros = end - at;
  }
  std::string out;
  for (std::size_t at = 0; at < groups.size(); ++at) {
    if (zeros > 1 && at == first) {
      out += "::";
      at += zeros - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    for (unsigned shift = 16; shift > 0; shift -= 4) {
      const unsigned rest = groups[at] >> (shift - 4);
      if (rest != 0 || shift == 4) out += "0123456789abcdef"[rest & 15U];
    }
  }
  return out;
}

}  // namespace detail

/// True when browsers read the host as an IPv4 address, valid or not: its last label is a number.
WIRTHFORGE_COLD inline bool ends_in_number(std::string_view host) noexcept {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  const std::string_view last = host.substr(host.rfind('.') + 1);  // npos + 1 is 0
  return !last.empty() && (last.find_first_not_of("0123456789") == std::string_view::npos || detail::ipv4_number(last));
}

/// `127.0.0.1` for itself, `127.1`, `0x7f.1` and `2130706433`: the last number fills the remaining bytes. Empty if it is no
/// address.
WIRTHFORGE_COLD inline std::string ipv4_form(std::string_view host) {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  const auto bits = detail::ipv4_bits(host);
  if (!bits) return {};
  const auto byte = [&](unsigned shift) { return std::to_string(*bits >> shift & 255U); };
  return concat({byte(24), ".", byte(16), ".", byte(8), ".", byte(0)});
}

/// `::1` for itself, `0:0:0:0:0:0:0:1` and `::0001`: lower case, no leading zeros. Without brackets. Empty when it is no
/// address.
WIRTHFORGE_COLD inline std::string ipv6_form(std::string_view text) {
  std::array<unsigned, 8> groups{};
  std::size_t count = 0;
  std::optional<std::size_t> gap;  // where `::` stands
  const auto take_gap = [&] {
    if (text.substr(0, 2) != "::" || gap) return false;
    gap = count;
    text.remove_prefix(2);
    return true;
  };
  take_gap();
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, text.find(':'));
    text.remove_prefix(piece.size());
    if (text.empty() && piece.find('.') != std::string_view::npos) {  // its last 32 bits as IPv4, in dotted decimal form only
      if (count > 6 || ipv4_form(piece) != piece) return {};
      const std::uint64_t bits = *detail::ipv4_bits(piece);
      groups[count++] = static_cast<unsigned>(bits >> 16U);
      groups[count++] = static_cast<unsigned>(bits & 0xFFFFU);
      break;
    }
    const auto number = detail::number_of(piece, 16);
    if (!number || piece.size() > 4 || count == groups.size()) return {};
    groups[count++] = static_cast<unsigned>(*number);
    if (text.empty() || take_gap()) continue;
    text.remove_prefix(1);
    if (text.empty()) return {};
  }
  if (gap ? count == groups.size() : count != groups.size()) return {};
  if (gap) std::rotate(groups.data() + *gap, groups.data() + count, groups.data() + groups.size());  // fills the gap with zeros
  return detail::ipv6_text(groups);
}

}}}  // namespace wirthforge::text
