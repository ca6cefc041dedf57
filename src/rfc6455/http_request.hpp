// Reads the head of an HTTP/1.1 request (RFC 9112), bounded in bytes and strict: CRLF line ends only, no folding, no control
// characters, no space before a colon, origin-form targets only. Requests as browsers send them pass; forms on which parsers
// disagree, and which request smuggling uses, do not.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/option_table.hpp"
#include "text/ascii.hpp"
#include "text/list.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace rfc6455 {

/// Browsers send about twenty fields. More than this many are refused, so that a head of very short fields does not need
/// many times its bytes in memory.
inline constexpr std::size_t max_head_fields = 100;

/// A field's name as it was sent, and its value without the spaces around it.
using http_field = std::pair<std::string_view, std::string_view>;

/// Views into the head, which must outlive them.
struct http_request {
  std::string_view method;
  std::string_view target;  ///< As it was sent: the path, and the query if there is one.
  std::string_view path;    ///< Up to `?`. Not percent-decoded: paths are compared literally.
  std::string_view query;   ///< After `?`.
  int minor_version = 1;
  std::vector<http_field> fields;

  /// The value of the first field of that name, in any case; nothing when there is none.
  std::optional<std::string_view> find(std::string_view name) const noexcept {
    for (const auto& each : fields) {
      if (text::equals_ignoring_case(each.first, name)) return each.second;
    }
    return std::nullopt;
  }
  std::size_t count(std::string_view name) const noexcept {
    std::size_t result = 0;
    for (const auto& each : fields) result += text::equals_ignoring_case(each.first, name) ? 1U : 0U;
    return result;
  }
  /// Hands each element of the combined list of all fields of that name to `take`; empty elements are skipped. False
  /// when they form no list (`text::list_reader`).
  template <class Take>
  bool each_listed(std::string_view name, Take take) const {
    text::list_reader list;
    bool is_list = true;
    for (const auto& each : fields) {
      if (text::equals_ignoring_case(each.first, name)) is_list = is_list && list.read(each.second, take);
    }
    return is_list;
  }
  /// True when the request announces a body; this server reads none.
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

inline std::error_code parse_field(std::string_view line, std::vector<http_field>& fields) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !text::is_token(line.substr(0, colon))) return errc::head_malformed;
  if (fields.size() == max_head_fields) return errc::too_many_fields;
  if (fields.empty()) fields.reserve(24);  // enough for a browser's
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

/// Collects a head up to its blank line, and not a byte more. Bytes that no line of a head may hold are refused when they
/// come: a bare CR or LF, other control characters, a first byte that begins no token. A TLS hello, or a head with lines ended
/// by LF alone, need not wait for a blank line that never comes.
class head_collector {
 public:
  enum class status { need_more, done, too_large, malformed };

  explicit head_collector(std::size_t max_bytes) noexcept : max_bytes_(max_bytes) {}

  /// Moves `first` past the bytes that belong to the head.
  status receive(const char*& first, const char* last) {
    const char* const begin = first;
    const std::size_t room = max_bytes_ - head_.size();
    const char* const stop = static_cast<std::size_t>(last - first) > room ? first + room : last;
    status found = status::need_more;
    if (head_.empty() && first != stop && !text::is_token_character(*first++)) return status::malformed;
    first = begin;
    while (found == status::need_more && first != stop) found = take(*first++);
    head_.append(begin, first);
    return found == status::need_more && first != last ? status::too_large : found;
  }
  /// Without the blank line and the line end before it.
  std::string_view lines() const noexcept { return std::string_view(head_).substr(0, head_.size() - 4); }

 private:
  status take(char next) noexcept {
    if (is_after_cr_ != (next == '\n')) return status::malformed;
    const auto byte = static_cast<unsigned char>(next);
    if (byte >= 0x20 && byte != 0x7F) {
      is_line_empty_ = false;
      return status::need_more;
    }
    is_after_cr_ = next == '\r';
    if (is_after_cr_) return status::need_more;
    if (next != '\n' && next != '\t') return status::malformed;
    if (next == '\n' && is_line_empty_) return status::done;
    is_line_empty_ = next == '\n';
    return status::need_more;
  }

  std::size_t max_bytes_;
  std::string head_;
  bool is_after_cr_ = false;
  bool is_line_empty_ = true;  // the first line never is: it begins with a token
};

class request_reader {
 public:
  enum class status { need_more, done, failed };

  /// A head of `max_head_bytes`, blank line included, is read; one byte more is `errc::head_too_large`.
  explicit request_reader(std::size_t max_head_bytes = wirthforge::detail::server_default::max_head_bytes)
      : collector_(max_head_bytes) {}
  request_reader(const request_reader&) = delete;
  request_reader& operator=(const request_reader&) = delete;

  /// Moves `first` past the used bytes: up to the blank line, not further.
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
  /// After `done`; valid as long as the reader exists.
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

}}}  // namespace wirthforge::rfc6455
