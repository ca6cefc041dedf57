// The pages and numbers that the server answers over plain HTTP, beside its WebSocket: which path is which, and with what
// headers. A pure function of the request and of what a `site_source` says; the access gate has been passed already.
#pragma once

#include <string>
#include <string_view>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "events/schemas.hpp"
#include "net/asset.hpp"
#include "rfc6455/http_request.hpp"
#include "rfc6455/http_response.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

/// What the pages show.
class site_source {
 public:
  site_source() = default;
  site_source(const site_source&) = delete;
  site_source& operator=(const site_source&) = delete;
  virtual ~site_source() = default;

  virtual bool is_ready() const = 0;
  virtual std::uint16_t port() const = 0;
  virtual std::string health_json() const = 0;
  virtual std::string metrics_json() const = 0;
  virtual std::string metrics_text() const = 0;  ///< Prometheus text exposition, version 0.0.4.
};

/// The dashboard may load its own files and open its own WebSocket, and nothing else. `'self'` covers ws: in today's
/// browsers; the two literal addresses are for older ones.
WIRTHFORGE_COLD inline std::string page_policy(std::uint16_t port) {
  const std::string number = std::to_string(port);
  return concat({"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' "
                 "ws://127.0.0.1:", number, " ws://localhost:", number,
                 "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"});
}

/// What may be seen without the token: the page, the module, the schemas and whether the server is up. No data.
inline bool is_public(std::string_view path) noexcept {
  return path != "/ws" && path != "/metrics" && path != "/api/metrics";
}

/// The whole answer to a GET or HEAD that is no WebSocket upgrade, or the refusal of anything else.
WIRTHFORGE_COLD inline std::string site_response(const rfc6455::http_request& request, const site_source& source) {
  const bool is_head = request.method == "HEAD";
  if (!is_head && request.method != "GET") {
    return rfc6455::http_response(405, "text/plain", "method is not GET or HEAD\n", "Allow: GET, HEAD\r\n");
  }
  const auto reply = [&](int status, std::string_view type, std::string_view body, std::string_view more = {}) {
    return rfc6455::http_response(status, type, body, more, is_head);
  };
  const std::string_view path = request.path;
  if (path == "/health" || path == "/decipher/status") {
    return reply(source.is_ready() ? 200 : 503, "application/json", source.health_json());
  }
  if (path == "/metrics") return reply(200, "text/plain; version=0.0.4; charset=utf-8", source.metrics_text());
  if (path == "/api/metrics") return reply(200, "application/json", source.metrics_json());
  if (path == "/ws") {
    return reply(426, "text/plain", "this is a WebSocket endpoint\n", "Upgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n");
  }
  if (const asset* const file = find_asset(path)) {
    const bool is_page = file->content_type.substr(0, 9) == "text/html";
    return reply(200, file->content_type, file->text(),
                 is_page ? "Content-Security-Policy: " + page_policy(source.port()) + "\r\n" : std::string());
  }
  constexpr std::string_view schema_folder = "/schemas/";
  constexpr std::string_view schema_ending = ".schema.json";
  if (path.size() > schema_folder.size() + schema_ending.size() && path.substr(0, schema_folder.size()) == schema_folder &&
      path.substr(path.size() - schema_ending.size()) == schema_ending) {
    const std::string_view name =
        path.substr(schema_folder.size(), path.size() - schema_folder.size() - schema_ending.size());
    const std::string_view text = schema_text(name);
    if (!text.empty()) return reply(200, "application/schema+json", text);
  }
  return reply(404, "text/plain", "nothing is served at this path\n");
}

}}}  // namespace wirthforge::net
