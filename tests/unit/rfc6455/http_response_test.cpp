// Responses: measured, closed, and with the headers that keep other pages out.
#include <string>
#include <string_view>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace http_response_test {

using namespace wirthforge;
using namespace wirthforge::rfc6455;

namespace {

bool has_line(const std::string& response, const std::string& line) {
  return response.find("\r\n" + line + "\r\n") != std::string::npos;
}
std::size_t occurrences(const std::string& response, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = response.find(what); at != std::string::npos; at = response.find(what, at + 1)) ++count;
  return count;
}
std::string body_of(const std::string& response) { return response.substr(response.find("\r\n\r\n") + 4); }

}  // namespace

TEST_CASE("a response has its status, its type and its length, and closes", "[rfc6455][http]") {
  const std::string response = http_response(200, "text/plain", "hello");
  CHECK(response.substr(0, 17) == "HTTP/1.1 200 OK\r\n");
  CHECK(has_line(response, "Content-Type: text/plain; charset=utf-8"));
  CHECK(has_line(response, "Content-Length: 5"));
  CHECK(has_line(response, "Connection: close"));
  CHECK(body_of(response) == "hello");
  CHECK(has_line(http_response(200, "text/html; charset=utf-8", ""), "Content-Type: text/html; charset=utf-8"));
  CHECK(has_line(http_response(200, "application/json", "{}"), "Content-Type: application/json"));
}

TEST_CASE("a response to HEAD has the body's length and no body", "[rfc6455][http]") {
  const std::string response = http_response(200, "text/plain", "hello", {}, true);
  CHECK(has_line(response, "Content-Length: 5"));
  CHECK(body_of(response).empty());
}

TEST_CASE("no page can read, frame or sniff any response", "[rfc6455][attacks]") {
  for (const int status : {101, 200, 400, 403, 404, 405, 408, 413, 426, 431, 503, 505, 999}) {
    const std::string response = http_response(status, "text/plain", "x");
    CHECK(has_line(response, "X-Content-Type-Options: nosniff"));
    CHECK(has_line(response, "X-Frame-Options: DENY"));
    CHECK(has_line(response, "Referrer-Policy: no-referrer"));
    CHECK(has_line(response, "Cross-Origin-Resource-Policy: same-origin"));
    CHECK(has_line(response, "Cache-Control: no-store"));
    CHECK(has_line(response, "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'"));
    CHECK(response.find("Access-Control") == std::string::npos);
    CHECK(response.find("Set-Cookie") == std::string::npos);
  }
}

TEST_CASE("a page may bring its own policy, which replaces the default", "[rfc6455][http]") {
  const std::string response = http_response(200, "text/html", "x", "Content-Security-Policy: default-src 'self'\r\n");
  CHECK(occurrences(response, "Content-Security-Policy:") == 1);
  CHECK(has_line(response, "Content-Security-Policy: default-src 'self'"));
  const std::string upgrade = http_response(426, "text/plain", "x", "Connection: Upgrade, close\r\n");
  CHECK(occurrences(upgrade, "Connection:") == 1);
}

TEST_CASE("every status that is used has its phrase", "[rfc6455][http]") {
  CHECK(std::string_view(reason_phrase(999)) == "Unknown");
  int count = 0;
  for (int value = 1; make_error_code(static_cast<errc>(value)).message() != "unknown error"; ++value, ++count) {
    const int status = status_for(static_cast<errc>(value));
    CHECK(status >= 400);
    CHECK(std::string_view(reason_phrase(status)) != "Unknown");
  }
  CHECK(count > 60);
}

TEST_CASE("each fault of a request has the status that HTTP gives it", "[rfc6455][http]") {
  CHECK(status_for(errc::head_malformed) == 400);
  CHECK(status_for(errc::head_too_large) == 431);
  CHECK(status_for(errc::too_many_fields) == 431);
  CHECK(status_for(errc::http_version_unsupported) == 505);
  CHECK(status_for(errc::method_not_allowed) == 405);
  CHECK(status_for(errc::body_not_allowed) == 413);
  CHECK(status_for(errc::handshake_timeout) == 408);
  CHECK(status_for(errc::version_unsupported) == 426);
  CHECK(status_for(errc::key_malformed) == 400);
  CHECK(status_for(errc::host_forbidden) == 403);
  CHECK(status_for(errc::too_many_connections) == 503);
  CHECK(status_for(errc::origin_duplicate) == 400);
  CHECK(status_for(std::make_error_code(std::errc::io_error)) == 400);
}

TEST_CASE("a refusal is one plain sentence", "[rfc6455][http]") {
  const std::string response = refusal_response(errc::key_missing);
  CHECK(response.substr(0, 26) == "HTTP/1.1 400 Bad Request\r\n");
  CHECK(body_of(response) == "Sec-WebSocket-Key is missing\n");
}

}  // namespace http_response_test
