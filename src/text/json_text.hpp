// Writes the small pieces of JSON text: numbers in the shortest form that reads back as the same value, and strings
// with the fewest escapes (RFC 8259 section 7). The caller knows how much room is needed and passes a bare pointer: an
// event is written 60 times a second into one allocation, and a bounds check for each piece would cost as much as the
// piece.
#pragma once

#include <cassert>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/finite.hpp"
#include "base/version.hpp"
#include "text/decimal.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace text {

constexpr std::size_t max_json_number_bytes = 24;   ///< `-2.2250738585072014e-308`
constexpr std::size_t max_json_integer_bytes = 20;  ///< `-9223372036854775808`

/// Makes room for `bytes` more at the end of `out` and returns where they begin. `end_at` gives unused room
/// back.
inline char* make_room(std::string& out, std::size_t bytes) {
  const std::size_t size = out.size();
  out.resize(size + bytes);
  return &out[size];
}
inline void end_at(std::string& out, const char* end) {
  assert(end >= out.data() && end <= out.data() + out.size());  // else the room was too small
  out.resize(static_cast<std::size_t>(end - out.data()));
}

/// A constant piece of text, without its terminating zero.
template <std::size_t Size>
char* put(char* to, const char (&literal)[Size]) noexcept {
  std::memcpy(to, literal, Size - 1);
  return to + (Size - 1);
}
inline char* put(char* to, std::string_view text) noexcept {
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

inline char* put_integer(char* to, std::int64_t value) noexcept {
  return std::to_chars(to, to + max_json_integer_bytes, value).ptr;
}

/// The plain reference of `put_number`, and its substitute where the standard library cannot format floating-point
/// numbers. Slow. Precondition: finite.
inline char* put_number_by_trial(char* to, double value) {
  const double_bits bits(value);
  if (bits.is_zero()) {  // no sign
    *to++ = '0';
    return to;
  }
  if (bits.is_negative()) *to++ = '-';
  decimal_digits found;
  find_digits(bits.is_negative() ? -value : value, found);
  const char* const digits = found.shortest;
  const int count = found.short_count;
  const int exponent = found.short_exponent;
  const int scientific_size = count + (count > 1 ? 1 : 0) + (exponent > 99 || exponent < -99 ? 5 : 4);
  const int fixed_size = exponent < 0 ? count + 1 - exponent : (count <= exponent + 1 ? exponent + 1 : count + 1);
  const auto append = [&to](const char* text, int size) {
    std::memcpy(to, text, static_cast<std::size_t>(size));
    to += size;
  };
  if (scientific_size < fixed_size) {
    append(digits, 1);
    if (count > 1) *to++ = '.';
    append(digits + 1, count - 1);
    *to++ = 'e';
    *to++ = exponent < 0 ? '-' : '+';
    const int size = exponent < 0 ? -exponent : exponent;
    if (size > 99) *to++ = static_cast<char>('0' + size / 100);
    *to++ = static_cast<char>('0' + size / 10 % 10);
    *to++ = static_cast<char>('0' + size % 10);
  } else if (exponent < 0) {
    append("0.00000000", 1 - exponent);
    append(digits, count);
  } else if (count <= exponent + 1) {
    // A whole number that fits: all its digits are exact, as with std::to_chars.
    for (int index = 0; index <= found.exponent; ++index) *to++ = index < found.count ? found.all[index] : '0';
  } else {
    append(digits, exponent + 1);
    *to++ = '.';
    append(digits + exponent + 1, count - exponent - 1);
  }
  return to;
}

/// The shortest text that reads back as `value`, at most `max_json_number_bytes`; 0 for the negative zero, since many
/// readers take `-0` for the integer. Precondition: finite.
inline char* put_number(char* to, double value) {
  if (double_bits(value).is_zero()) {
    *to = '0';
    return to + 1;
  }
#if defined(__cpp_lib_to_chars) && __cpp_lib_to_chars >= 201611L
  return std::to_chars(to, to + max_json_number_bytes, value).ptr;
#else
  return put_number_by_trial(to, value);
#endif
}

namespace detail {

// The bytes that one byte of a string takes in JSON: 1 unescaped, 2 as \n, 6 as \u001f.
struct escape_table {
  unsigned char size[256] = {};
  constexpr escape_table() {
    for (int byte = 0; byte < 256; ++byte) size[byte] = byte < 0x20 ? 6 : 1;
    for (const char each : {'"', '\\', '\b', '\f', '\n', '\r', '\t'}) size[static_cast<unsigned char>(each)] = 2;
  }
};
inline constexpr escape_table escapes{};

inline unsigned escaped_size(char byte) noexcept { return escapes.size[static_cast<unsigned char>(byte)]; }

inline char* put_escaped(char* to, char byte) noexcept {
  constexpr char hex[] = "0123456789abcdef";
  *to++ = '\\';
  switch (byte) {
    case '\b': *to++ = 'b'; break;
    case '\f': *to++ = 'f'; break;
    case '\n': *to++ = 'n'; break;
    case '\r': *to++ = 'r'; break;
    case '\t': *to++ = 't'; break;
    case '"':
    case '\\': *to++ = byte; break;
    default:
      to = put(to, "u00");
      *to++ = hex[static_cast<unsigned char>(byte) >> 4];
      *to++ = hex[static_cast<unsigned char>(byte) & 15];
  }
  return to;
}

}  // namespace detail

/// The number of bytes that `put_json_string` will write: the quotes, and the text with its escapes.
inline std::size_t json_string_size(std::string_view text) noexcept {
  std::size_t size = text.size() + 2;
  for (const char byte : text) size += detail::escaped_size(byte) - 1;
  return size;
}

/// The text in quotes; it escapes only the characters that RFC 8259 requires. Precondition: valid UTF-8.
inline char* put_json_string(char* to, std::string_view text) noexcept {
  *to++ = '"';
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (detail::escaped_size(text[at]) == 1) continue;
    to = put(to, text.substr(begin, at - begin));
    to = detail::put_escaped(to, text[at]);
    begin = at + 1;
  }
  to = put(to, text.substr(begin));
  *to++ = '"';
  return to;
}

// The same, for places where speed does not matter.
inline void append_json_number(std::string& out, double value) {
  char digits[max_json_number_bytes];
  out.append(digits, put_number(digits, value));
}
inline void append_json_string(std::string& out, std::string_view text) {
  char* const to = make_room(out, json_string_size(text));
  end_at(out, put_json_string(to, text));
}

}}}  // namespace wirthforge::text
