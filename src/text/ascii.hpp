// ASCII as HTTP uses it: letters without case, tokens, and the characters that a log can show. Bytes above 127 are never
// letters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace text {

inline char to_lower(char each) noexcept { return each >= 'A' && each <= 'Z' ? static_cast<char>(each + ('a' - 'A')) : each; }

inline bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept {
  if (left.size() != right.size()) return false;
  for (std::size_t at = 0; at < left.size(); ++at) {
    if (to_lower(left[at]) != to_lower(right[at])) return false;
  }
  return true;
}

/// A character of an HTTP token (RFC 9110 section 5.6.2).
inline bool is_token_character(char each) noexcept {
  const char lower = to_lower(each);
  if ((lower >= 'a' && lower <= 'z') || (each >= '0' && each <= '9')) return true;
  return each != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(each) != std::string_view::npos;
}
inline bool is_token(std::string_view text) noexcept {
  for (const char each : text) {
    if (!is_token_character(each)) return false;
  }
  return !text.empty();
}

/// The text without the spaces and tabs around it.
inline std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Printable and short, for a log: the first hundred characters of a longer text.
inline std::string printable(std::string_view value) {
  constexpr std::size_t most = 100;
  std::string out;
  for (const char each : value.substr(0, most)) out += each >= 0x20 && each < 0x7F ? each : '?';
  if (value.size() > most) out += "...";
  return out;
}

}}}  // namespace wirthforge::text
