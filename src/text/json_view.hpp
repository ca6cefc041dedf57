// Reads JSON text in place: a strict check that it is one value (RFC 8259), then views into it. Nothing is built,
// nothing recurses; memory is allocated only for text that is nested more than a dozen levels deep.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "base/finite.hpp"
#include "base/version.hpp"
#include "text/decimal.hpp"
#include "text/utf8.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace text {

namespace detail {

inline bool is_json_space(char each) noexcept { return each == ' ' || each == '\t' || each == '\n' || each == '\r'; }
inline bool is_digit(char each) noexcept { return each >= '0' && each <= '9'; }

inline int hex_value(char each) noexcept {
  if (is_digit(each)) return each - '0';
  if (each >= 'a' && each <= 'f') return each - 'a' + 10;
  return each >= 'A' && each <= 'F' ? each - 'A' + 10 : -1;
}
// The value of the four digits after `\u`, or -1.
inline std::int32_t unit_at(std::string_view text, std::size_t at) noexcept {
  if (text.size() < 4 || at > text.size() - 4) return -1;
  std::int32_t unit = 0;
  for (std::size_t n = 0; n < 4; ++n) {
    const int digit = hex_value(text[at + n]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}
// The length of the escape at `at`, which holds the backslash; 0 when it is no escape. A surrogate comes only as a pair.
inline std::size_t escape_size(std::string_view text, std::size_t at) noexcept {
  if (at + 1 >= text.size()) return 0;
  if (text[at + 1] != 'u') return std::string_view("\"\\/bfnrt").find(text[at + 1]) == std::string_view::npos ? 0 : 2;
  const std::int32_t unit = unit_at(text, at + 2);
  if (unit < 0 || (unit >= 0xDC00 && unit <= 0xDFFF)) return 0;
  if (unit < 0xD800 || unit > 0xDBFF) return 6;
  if (at + 7 >= text.size() || text[at + 6] != '\\' || text[at + 7] != 'u') return 0;
  const std::int32_t low = unit_at(text, at + 8);
  return low >= 0xDC00 && low <= 0xDFFF ? 12 : 0;
}
inline void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0U | (point >> 6));
  } else {
    if (point < 0x10000) {
      put(0xE0U | (point >> 12));
    } else {
      put(0xF0U | (point >> 18));
      put(0x80U | ((point >> 12) & 0x3FU));
    }
    put(0x80U | ((point >> 6) & 0x3FU));
  }
  put(0x80U | (point & 0x3FU));
}
// One past the closing quote of the string that begins at `at`; 0 when it is none.
inline std::size_t end_of_string(std::string_view text, std::size_t at) noexcept {
  for (++at; at < text.size(); ++at) {
    const auto each = static_cast<unsigned char>(text[at]);
    if (each == '"') return at + 1;
    if (each < 0x20) return 0;
    if (each != '\\') continue;
    const std::size_t size = escape_size(text, at);
    if (size == 0) return 0;
    at += size - 1;
  }
  return 0;
}
inline double to_double(std::string_view number) {
#if defined(__cpp_lib_to_chars) && __cpp_lib_to_chars >= 201611L
  double value = 0;
  const auto result = std::from_chars(number.data(), number.data() + number.size(), value);
  if (result.ec == std::errc()) return value;  // else out of range; the function does not report whether too great or too small
#endif
  return read_decimal(number);
}
// One past the number that begins at `at`; 0 when it is none, or beyond what a double can hold.
inline std::size_t end_of_number(std::string_view text, std::size_t at) {
  const std::size_t begin = at;
  const auto digits = [&] {
    const std::size_t first = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > first;
  };
  if (at < text.size() && text[at] == '-') ++at;
  const bool starts_with_zero = at < text.size() && text[at] == '0';
  const std::size_t whole = at;
  if (!digits() || (starts_with_zero && at - whole > 1)) return 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return 0;
  }
  bool may_overflow = at - whole > 300;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    may_overflow = true;
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return 0;
  }
  if (may_overflow && !is_finite(to_double(text.substr(begin, at - begin)))) return 0;
  return at;
}
// One past a value that is no object and no array; 0 when it is none.
inline std::size_t end_of_scalar(std::string_view text, std::size_t at) {
  if (text[at] == '"') return end_of_string(text, at);
  for (const std::string_view word : {std::string_view("true"), std::string_view("false"), std::string_view("null")}) {
    if (text.substr(at, word.size()) == word) return at + word.size();
  }
  return end_of_number(text, at);
}

}  // namespace detail

/// The reason why a text is not one JSON value.
enum class json_fault { none, malformed, too_deep };

/// As `is_json`, but bytes above 127 are not checked in strings: a token may end inside a character. Brackets may be nested
/// `max_depth` deep at most; the check needs a byte of memory for each level.
inline json_fault find_json_fault(std::string_view text, std::size_t max_depth) {
  std::string open;  // the brackets that are open, a character each
  enum class expect { value, value_or_end, name, name_or_end, comma_or_end } next = expect::value;
  std::size_t at = 0;
  for (;;) {
    while (at < text.size() && detail::is_json_space(text[at])) ++at;
    if (next == expect::comma_or_end && open.empty()) return at == text.size() ? json_fault::none : json_fault::malformed;
    if (at == text.size()) return json_fault::malformed;
    const char each = text[at];
    const bool may_end = next == expect::value_or_end || next == expect::name_or_end || next == expect::comma_or_end;
    if (may_end && each == (open.back() == '{' ? '}' : ']')) {
      open.pop_back();
      ++at;
      next = expect::comma_or_end;
    } else if (next == expect::comma_or_end) {
      if (each != ',') return json_fault::malformed;
      ++at;
      next = open.back() == '{' ? expect::name : expect::value;
    } else if (next == expect::name || next == expect::name_or_end) {
      if (each != '"') return json_fault::malformed;
      at = detail::end_of_string(text, at);
      if (at == 0) return json_fault::malformed;
      while (at < text.size() && detail::is_json_space(text[at])) ++at;
      if (at == text.size() || text[at] != ':') return json_fault::malformed;
      ++at;
      next = expect::value;
    } else if (each == '{' || each == '[') {
      if (open.size() == max_depth) return json_fault::too_deep;
      open += each;
      ++at;
      next = each == '{' ? expect::name_or_end : expect::value_or_end;
    } else {
      at = detail::end_of_scalar(text, at);
      if (at == 0) return json_fault::malformed;
      next = expect::comma_or_end;
    }
  }
}

/// True when the text is exactly one JSON value: UTF-8 throughout, finite numbers, no lone surrogates, nothing around it
/// but white space.
inline bool is_json(std::string_view text) {
  return is_utf8(text) && find_json_fault(text, std::string_view::npos) == json_fault::none;
}

/// A value within text that passed `is_json` or `find_json_fault`; the text must outlive it.
class json_view {
 public:
  /// Precondition: `is_json(text)`, or `find_json_fault` found none; in the latter case strings may hold invalid UTF-8.
  explicit json_view(std::string_view text) noexcept : text_(text.substr(past_space(text, 0))) {
    while (detail::is_json_space(text_.back())) text_.remove_suffix(1);
  }

  bool is_object() const noexcept { return text_.front() == '{'; }
  bool is_array() const noexcept { return text_.front() == '['; }
  bool is_string() const noexcept { return text_.front() == '"'; }
  bool is_boolean() const noexcept { return text_.front() == 't' || text_.front() == 'f'; }
  bool is_number() const noexcept { return text_.front() == '-' || detail::is_digit(text_.front()); }

  bool as_boolean() const noexcept { return text_.front() == 't'; }
  double as_number() const { return detail::to_double(text_); }
  std::string as_string() const {
    const std::string_view body = text_.substr(1, text_.size() - 2);
    std::string out;
    for (std::size_t at = 0;;) {
      const std::size_t escape = body.find('\\', at);
      out += body.substr(at, escape - at);
      if (escape == std::string_view::npos) return out;
      append_escaped(out, body, escape);
      at = escape + detail::escape_size(body, escape);
    }
  }
  /// As `as_string() == other`, without a copy if nothing is escaped. An escape is longer than the character that it stands
  /// for.
  bool equals(std::string_view other) const {
    const std::string_view body = text_.substr(1, text_.size() - 2);
    if (body.size() <= other.size()) return body == other;
    return body.find('\\') != std::string_view::npos && as_string() == other;
  }

  /// Hands each member of an object to `take(json_view name, json_view value)`, in the order of the text.
  template <class Take>
  void each_member(Take take) const {
    std::size_t at = past_space(text_, 1);
    while (text_[at] != '}') {
      const json_view name = value_at(at);
      at = past_space(text_, past_space(text_, at + name.text_.size()) + 1);  // the colon
      const json_view value = value_at(at);
      take(name, value);
      at = past_space(text_, at + value.text_.size());
      if (text_[at] == ',') at = past_space(text_, at + 1);
    }
  }
  /// Hands each element of an array to `take(json_view)` until `take` returns false. True when it never did.
  template <class Take>
  bool all_elements(Take take) const {
    std::size_t at = past_space(text_, 1);
    while (text_[at] != ']') {
      const json_view value = value_at(at);
      if (!take(value)) return false;
      at = past_space(text_, at + value.text_.size());
      if (text_[at] == ',') at = past_space(text_, at + 1);
    }
    return true;
  }
  /// The member of that name, the last one of several, as most readers choose. False when there is none.
  bool find(std::string_view name, json_view& value) const {
    bool is_found = false;
    json_view found = *this;
    each_member([&](const json_view& each, const json_view& its) {
      if (!each.equals(name)) return;
      found = its;
      is_found = true;
    });
    if (is_found) value = found;
    return is_found;
  }

  /// The value's own text.
  std::string_view own() const noexcept { return text_; }

 private:
  json_view() = default;
  json_view value_at(std::size_t at) const noexcept {
    json_view result;
    result.text_ = text_.substr(at);
    result.text_ = result.text_.substr(0, size_of_value(result.text_));
    return result;
  }

  // The text is known to be valid: only the ends have to be found.
  static std::size_t past_space(std::string_view text, std::size_t at) noexcept {
    while (detail::is_json_space(text[at])) ++at;
    return at;
  }
  static std::size_t string_end(std::string_view text, std::size_t at) noexcept {
    const std::size_t quote = text.find('"', at + 1);
    if (text[quote - 1] != '\\') return quote + 1;  // nearly always: this quote is not escaped
    for (++at; text[at] != '"'; ++at) {
      if (text[at] == '\\') ++at;
    }
    return at + 1;
  }
  static std::size_t size_of_value(std::string_view text) noexcept {
    if (text[0] == '"') return string_end(text, 0);
    std::size_t at = 0;
    if (text[0] != '{' && text[0] != '[') {
      while (at < text.size() && text[at] > ' ' && text[at] != ',' && text[at] != ']' && text[at] != '}') ++at;
      return at;
    }
    for (std::size_t depth = 0;;) {
      const char each = text[at];
      if (each == '"') {
        at = string_end(text, at);
        continue;
      }
      ++at;
      if (each == '{' || each == '[') ++depth;
      if ((each == '}' || each == ']') && --depth == 0) return at;
    }
  }

  static void append_escaped(std::string& out, std::string_view body, std::size_t at) {
    constexpr std::string_view marks = "bfnrt";
    constexpr std::string_view meanings = "\b\f\n\r\t";
    const char mark = body[at + 1];
    if (mark != 'u') {
      const std::size_t which = marks.find(mark);
      out += which == std::string_view::npos ? mark : meanings[which];
      return;
    }
    std::uint32_t point = static_cast<std::uint32_t>(detail::unit_at(body, at + 2));
    if (point >= 0xD800 && point <= 0xDBFF) {
      const auto low = static_cast<std::uint32_t>(detail::unit_at(body, at + 8));
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    detail::append_utf8(out, point);
  }

  std::string_view text_;
};

}}}  // namespace wirthforge::text
