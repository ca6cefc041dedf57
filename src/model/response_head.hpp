// Reads the head of an HTTP/1.1 response (RFC 9112) and determines how its body is framed. As strict as the request's head:
// CRLF line ends only, no folding, no control characters, no space before a colon. A response with two lengths is refused.
#pragma once

#include <cstdint>
#include <string_view>
#include <system_error>

#include "base/error.hpp"
#include "base/version.hpp"
#include "rfc6455/http_request.hpp"
#include "text/ascii.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

/// How the end of a body is found (RFC 9112 section 6.3).
enum class body_framing { none, by_length, chunked, until_close };

/// Views into the head, which must outlive them.
struct response_head {
  int status = 0;  ///< 100 to 999.
  int minor_version = 1;
  rfc6455::http_request fields;  ///< Only its fields, which have the same form as a request's.
  body_framing framing = body_framing::none;
  std::uint64_t content_length = 0;  ///< With `by_length`.

  bool is_interim() const noexcept { return status < 200; }
  std::string_view content_type() const noexcept { return fields.find("content-type").value_or(std::string_view()); }
};

namespace detail {

// status-line = HTTP-version SP status-code SP [ reason-phrase ] (section 4). Servers that send no reason also omit the space,
// and every client accepts that.
inline std::error_code parse_status_line(std::string_view line, response_head& head) {
  const auto digit_at = [line](std::size_t at) { return at < line.size() && line[at] >= '0' && line[at] <= '9'; };
  if (line.substr(0, 5) != "HTTP/" || !digit_at(5) || line.substr(6, 1) != "." || !digit_at(7)) return errc::head_malformed;
  if (line[5] != '1' || line[7] > '1') return errc::http_version_unsupported;
  if (line.substr(8, 1) != " " || !digit_at(9) || line[9] == '0' || !digit_at(10) || !digit_at(11)) return errc::head_malformed;
  if (line.size() > 12 && line[12] != ' ') return errc::head_malformed;
  head.minor_version = line[7] - '0';
  head.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  return {};
}

inline bool parse_length(std::string_view digits, std::uint64_t& length) noexcept {
  constexpr std::size_t most_digits = 18;  // fits, and is more than any body has
  if (digits.empty() || digits.size() > most_digits) return false;
  length = 0;
  for (const char each : digits) {
    if (each < '0' || each > '9') return false;
    length = length * 10 + static_cast<std::uint64_t>(each - '0');
  }
  return true;
}

/// Decides how the body is framed. Response smuggling uses a field that is given twice, or beside one that contradicts it:
/// section 6.3 lets a client refuse such responses.
inline std::error_code find_framing(response_head& head) {
  const bool has_coding = head.fields.count("transfer-encoding") > 0;
  const std::size_t lengths = head.fields.count("content-length");
  if (head.status == 101) return errc::response_is_upgrade;
  if (head.is_interim()) return {};
  if (has_coding && lengths > 0) return errc::content_length_conflict;
  if (has_coding) {
    const std::string_view coding = *head.fields.find("transfer-encoding");
    const bool is_chunked = head.fields.count("transfer-encoding") == 1 && text::equals_ignoring_case(coding, "chunked");
    if (!is_chunked || head.minor_version == 0) return errc::transfer_coding_unknown;
  }
  if (lengths > 1) return errc::content_length_malformed;
  if (lengths == 1 && !parse_length(*head.fields.find("content-length"), head.content_length)) {
    return errc::content_length_malformed;
  }
  const auto coding = head.fields.find("content-encoding");
  if (coding && !coding->empty() && !text::equals_ignoring_case(*coding, "identity")) return errc::content_coding_unknown;
  if (head.status == 204 || head.status == 304) return {};  // no body, whatever its fields say
  head.framing = has_coding ? body_framing::chunked : lengths == 1 ? body_framing::by_length : body_framing::until_close;
  return {};
}

}  // namespace detail

/// `lines`: a head without its closing blank line.
inline std::error_code parse_response_head(std::string_view lines, response_head& head) {
  const auto take_first = [&head](std::string_view line) { return detail::parse_status_line(line, head); };
  const auto take_field = [&head](std::string_view line) { return rfc6455::detail::parse_field(line, head.fields.fields); };
  if (const auto error = rfc6455::detail::each_head_line(lines, take_first, take_field)) return error;
  return detail::find_framing(head);
}

}}}  // namespace wirthforge::model
