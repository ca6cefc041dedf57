// Reads the head of an HTTP/1.1 request (RFC 9112), bounded in bytes and strict: CRLF line ends only, no folding, no control
// characters, no space before a colon, origin-form targets only. What a browser sends passes; what parsers disagree about,
// which is what request smuggling lives on, does not.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "text/ascii.hpp"

namespace wirthforge::rfc6455 {

/// Browsers send about twenty fields. More than this many are refused, so that a head of the shortest fields does not cost
/// many times its bytes in memory.
inline constexpr std::size_t max_head_fields = 100;

struct http_request {
  std::string method;
  std::string target;  ///< As it was sent: the path, and the query if there is one.
  std::string path;    ///< Up to `?`. Not percent-decoded: paths are compared literally.
  std::string query;   ///< After `?`.
  int minor_version = 1;
  std::vector<std::pair<std::string, std::string>> fields;  ///< Names as sent; values without the spaces around them.

  /// The value of the first field of that name, in any case; nothing when there is none.
  std::optional<std::string_view> find(std::string_view name) const noexcept {
    for (const auto& each : fields) {
      if (text::equals_ignoring_case(each.first, name)) return std::string_view(each.second);
    }
    return std::nullopt;
  }
  std::size_t count(std::string_view name) const noexcept {
    std::size_t result = 0;
    for (const auto& each : fields) result += text::equals_ignoring_case(each.first, name) ? 1 : 0;
    return result;
  }
  /// True when a field of that name lists the token; fields that are repeated count as one list.
  bool lists_token(std::string_view name, std::string_view token) const noexcept {
    for (const auto& each : fields) {
      if (text::equals_ignoring_case(each.first, name) && text::list_contains_token(each.second, token)) return true;
    }
    return false;
  }
  /// True when the request announces a body, of which we read none.
  bool has_body() const noexcept {
    if (count("transfer-encoding") > 0) return true;
    for (const auto& each : fields) {
      if (text::equals_ignoring_case(each.first, "content-length") && each.second != "0") return true;
    }
    return false;
  }
};

namespace detail {

/// A character that may stand in a field's value or a target: visible ASCII, and for values also space, tab and bytes above
/// 127, which old browsers send.
inline bool is_visible(char each) noexcept { return each > 0x20 && each < 0x7F; }
inline bool is_value_character(char each) noexcept {
  return is_visible(each) || each == ' ' || each == '\t' || static_cast<unsigned char>(each) >= 0x80;
}

inline std::error_code parse_field(std::string_view line, std::vector<std::pair<std::string, std::string>>& fields) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !text::is_token(line.substr(0, colon))) return errc::head_malformed;
  if (fields.size() == max_head_fields) return errc::too_many_fields;
  const std::string_view value = text::trim(line.substr(colon + 1));
  for (const char each : value) {
    if (!is_value_character(each)) return errc::head_malformed;
  }
  fields.emplace_back(line.substr(0, colon), value);
  return {};
}

inline std::error_code parse_request_line(std::string_view line, http_request& request) {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return errc::head_malformed;
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, second - first - 1);
  const std::string_view version = line.substr(second + 1);
  if (!text::is_token(method) || target.empty() || target[0] != '/') return errc::head_malformed;
  for (const char each : target) {
    if (!is_visible(each) || each == '#') return errc::head_malformed;
  }
  const auto is_digit = [](char each) { return each >= '0' && each <= '9'; };
  if (version.size() != 8 || version.substr(0, 5) != "HTTP/" || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7])) {
    return errc::head_malformed;
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return errc::http_version_unsupported;
  request.minor_version = version[7] - '0';
  request.method = method;
  request.target = target;
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
  return {};
}

/// The lines of a head without its closing blank line: the first, and each field.
template <class TakeFirst, class TakeField>
std::error_code each_head_line(std::string_view head, TakeFirst take_first, TakeField take_field) {
  bool is_first = true;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    if (line.find('\r') != std::string_view::npos || line.find('\n') != std::string_view::npos) return errc::head_malformed;
    if (const std::error_code error = is_first ? take_first(line) : take_field(line)) return error;
    is_first = false;
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + 2);
  }
  return is_first ? make_error_code(errc::head_malformed) : std::error_code{};
}

}  // namespace detail

/// Collects a head up to its blank line, and not a byte more. What no line of a head may hold is refused when it comes: a
/// bare CR or LF, other control characters, a first byte that begins no token. A TLS hello, or a head with lines ended by LF
/// alone, need not wait for a blank line that never comes.
class head_collector {
 public:
  enum class status { need_more, done, too_large, malformed };

  explicit head_collector(std::size_t max_bytes) noexcept : max_bytes_(max_bytes) {}

  /// Moves `first` past what belongs to the head.
  status receive(const char*& first, const char* last) {
    while (first != last) {
      if (head_.size() == max_bytes_) return status::too_large;
      const char next = *first++;
      const bool is_after_cr = !head_.empty() && head_.back() == '\r';
      if (is_after_cr != (next == '\n') || is_forbidden(next)) return status::malformed;
      if (head_.empty() && !text::is_token_character(next)) return status::malformed;
      head_ += next;
      if (next == '\n' && head_.size() >= 4 && head_.compare(head_.size() - 4, 4, "\r\n\r\n") == 0) return status::done;
    }
    return status::need_more;
  }
  /// Without the blank line and the line end before it.
  std::string_view lines() const noexcept { return std::string_view(head_).substr(0, head_.size() - 4); }

 private:
  static bool is_forbidden(char each) noexcept {
    const auto byte = static_cast<unsigned char>(each);
    return byte == 0x7F || (byte < 0x20 && byte != '\t' && byte != '\r' && byte != '\n');
  }

  std::size_t max_bytes_;
  std::string head_;
};

class request_reader {
 public:
  enum class status { need_more, done, failed };

  /// A head of `max_head_bytes`, blank line included, is read; one byte more is `errc::head_too_large`.
  explicit request_reader(std::size_t max_head_bytes = 8192) : collector_(max_head_bytes) {}

  /// Moves `first` past what was used: up to the blank line, not further.
  status receive(const char*& first, const char* last) {
    if (error_) return status::failed;
    switch (collector_.receive(first, last)) {
      case head_collector::status::need_more: return status::need_more;
      case head_collector::status::malformed: error_ = errc::head_malformed; break;
      case head_collector::status::too_large: error_ = errc::head_too_large; break;
      case head_collector::status::done: error_ = parse(); break;
    }
    return error_ ? status::failed : status::done;
  }

  std::error_code error() const noexcept { return error_; }
  /// After `done`.
  const http_request& request() const noexcept { return request_; }

 private:
  std::error_code parse() {
    return detail::each_head_line(
        collector_.lines(), [this](std::string_view line) { return detail::parse_request_line(line, request_); },
        [this](std::string_view line) { return detail::parse_field(line, request_.fields); });
  }

  head_collector collector_;
  http_request request_;
  std::error_code error_;
};

}  // namespace wirthforge::rfc6455
