// Writes HTTP/1.1 responses. Each one closes its connection and carries the headers that keep a hostile page from reading,
// framing or sniffing it; a page of another origin can read a response only if the response names that origin.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/error.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace rfc6455 {

inline const char* reason_phrase(int status) noexcept {
  switch (status) {
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

/// A whole response. `more_fields` are complete lines, each ending in CRLF; one that names Content-Security-Policy or
/// Connection replaces the default. With `is_head` the body is measured but not sent.
WIRTHFORGE_COLD inline std::string http_response(int status, std::string_view content_type, std::string_view body,
                                                 std::string_view more_fields = {}, bool is_head = false) {
  const bool is_text = content_type.substr(0, 5) == "text/" && content_type.find("charset") == std::string_view::npos;
  const bool has_policy = more_fields.find("Content-Security-Policy:") != std::string_view::npos;
  const bool has_connection = more_fields.find("Connection:") != std::string_view::npos;
  return concat({"HTTP/1.1 ", std::to_string(status), " ", reason_phrase(status), "\r\nContent-Type: ", content_type,
                 is_text ? "; charset=utf-8" : "", "\r\nContent-Length: ", std::to_string(body.size()),
                 "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
                 "Referrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n",
                 has_policy ? "" : "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n",
                 has_connection ? "" : "Connection: close\r\n", more_fields, "\r\n", is_head ? std::string_view() : body});
}

/// Lets a page of that origin read a whole response (CORS). The origin has the form that a browser sends: it has no line end.
WIRTHFORGE_COLD inline void share_response(std::string& response, std::string_view origin) {
  const std::size_t head = response.find("\r\n\r\n");
  if (head == std::string::npos) return;
  response.insert(head + 2, concat({"Access-Control-Allow-Origin: ", origin, "\r\nVary: Origin\r\n"}));
}

/// Tells a browser that the page may send a GET or HEAD with an Authorization field, and nothing else.
WIRTHFORGE_COLD inline std::string preflight_response(std::string_view origin) {
  std::string response = http_response(200, "text/plain", {},
                                       "Access-Control-Allow-Methods: GET, HEAD\r\n"
                                       "Access-Control-Allow-Headers: authorization\r\n");
  share_response(response, origin);
  return response;
}

/// The status that reports an error in a request head, from the table; 400 if the table has none.
inline int status_for(std::error_code error) noexcept {
  if (error.category() != wirthforge_category()) return 400;
  const wirthforge::detail::error_row* const row = wirthforge::detail::row_of(static_cast<errc>(error.value()));
  return row != nullptr && row->http_status != 0 ? row->http_status : 400;
}

/// Refuses a request with one plain reason.
WIRTHFORGE_COLD inline std::string refusal_response(std::error_code error, std::string_view more_fields = {},
                                                    bool is_head = false) {
  return http_response(status_for(error), "text/plain", error.message() + "\n", more_fields, is_head);
}

}}}  // namespace wirthforge::rfc6455
