// The pages and numbers that the server sends over plain HTTP, beside its WebSocket, as listed in the table of routes. A pure
// function of the request and of a `site_source`; the access gate has already been passed.
#pragma once

#include <string>
#include <string_view>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "events/schemas.hpp"
#include "net/asset.hpp"
#include "net/routes.hpp"
#include "rfc6455/http_request.hpp"
#include "rfc6455/http_response.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

/// A status and a body that were made of one snapshot.
struct health_report {
  int status;
  std::string json;
};

/// The data for the pages.
class site_source {
 public:
  site_source() = default;
  site_source(const site_source&) = delete;
  site_source& operator=(const site_source&) = delete;
  virtual ~site_source() = default;

  virtual std::uint16_t port() const = 0;
  virtual health_report health() const = 0;
  virtual std::string metrics_json() const = 0;
  virtual std::string metrics_text() const = 0;  ///< Prometheus text exposition, version 0.0.4.
};

/// The dashboard may load its own files and open its own WebSocket, and nothing else. `'self'` covers ws: in today's
/// browsers; the two literal addresses are for older ones.
WIRTHFORGE_COLD inline std::string page_policy(std::uint16_t port) {
  const std::string number = std::to_string(port);
  return concat(
      {"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' "
       "ws://127.0.0.1:",
       number, " ws://localhost:", number, "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"});
}

/// True for paths that need no token: code, schemas and whether the server is up; and the answer that nothing is served at a
/// path.
inline bool is_public(std::string_view path) noexcept {
  const route* const found = find_route(path);
  return found == nullptr || found->is_public;
}
inline bool is_shared(std::string_view path) noexcept {
  const route* const found = find_route(path);
  return found != nullptr && found->is_shared;
}

/// The text of the schema at a path; empty if there is none.
inline std::string_view schema_at(std::string_view path) noexcept {
  constexpr std::string_view folder = "/schemas/";
  constexpr std::string_view ending = ".schema.json";
  const bool has_name = path.size() > folder.size() + ending.size() && path.substr(path.size() - ending.size()) == ending;
  return has_name ? schema_text(path.substr(folder.size(), path.size() - folder.size() - ending.size())) : std::string_view();
}

/// The whole answer to a GET or HEAD that is no WebSocket upgrade, or the refusal of any other request.
WIRTHFORGE_COLD inline std::string site_response(const rfc6455::http_request& request, const site_source& source) {
  const bool is_head = request.method == "HEAD";
  if (!is_allowed(request.method)) {
    return rfc6455::http_response(405, "text/plain", "method is not GET or HEAD\n", "Allow: GET, HEAD\r\n");
  }
  const auto reply = [&](int status, std::string_view type, std::string_view body, std::string_view more = {}) {
    return rfc6455::http_response(status, type, body, more, is_head);
  };
  const auto nothing = [&] { return reply(404, "text/plain", "nothing is served at this path\n"); };
  const route* const found = find_route(request.path);
  if (found == nullptr) return nothing();
  switch (found->what) {
    case page::health: {
      const health_report now = source.health();
      return reply(now.status, "application/json", now.json);
    }
    case page::metrics_text: return reply(200, "text/plain; version=0.0.4; charset=utf-8", source.metrics_text());
    case page::metrics_json: return reply(200, "application/json", source.metrics_json());
    case page::websocket:
      return reply(426, "text/plain", "this is a WebSocket endpoint\n",
                   "Upgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n");
    case page::schema: {
      const std::string_view text = schema_at(request.path);
      return text.empty() ? nothing() : reply(200, "application/schema+json", text);
    }
    case page::file: break;
  }
  const asset* const file = find_asset(request.path);
  if (file == nullptr) return nothing();
  const bool is_page = file->content_type.substr(0, 9) == "text/html";
  return reply(200, file->content_type, file->text(),
               is_page ? "Content-Security-Policy: " + page_policy(source.port()) + "\r\n" : std::string());
}

}}}  // namespace wirthforge::net
