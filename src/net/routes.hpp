// The paths that are served over HTTP, in one table. A path that is not in it is 404; a path that is not marked public needs
// the token, if one is set; a path that is not marked shared cannot be read by a page of another origin. The tests try each
// row.
#pragma once

#include <string_view>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

/// The kind of answer.
enum class page { websocket, health, metrics_text, metrics_json, schema, file };

struct route {
  std::string_view path;  ///< The whole path, or with `is_prefix` its beginning.
  bool is_prefix;
  bool is_public;  ///< No data: any program on this machine may read it without the token.
  bool is_shared;  ///< A page of an invited origin may read it (docs/protocol.md#http).
  page what;
  std::string_view rest;  ///< For the tests: the rest of a path at which a page is served.
};

/// The methods of every row. A preflight (OPTIONS) is answered for shared paths, if a token is set.
inline bool is_allowed(std::string_view method) noexcept { return method == "GET" || method == "HEAD"; }

inline constexpr route routes[] = {
    {"/ws", false, false, true, page::websocket, {}},  // over HTTP: why a client may not connect
    {"/health", false, true, true, page::health, {}},
    {"/decipher/status", false, true, false, page::health, {}},
    {"/metrics", false, false, true, page::metrics_text, {}},
    {"/api/metrics", false, false, false, page::metrics_json, {}},
    {"/schemas/", true, true, true, page::schema, "heartbeat.schema.json"},
    {"/wirthforge.js", false, true, true, page::file, {}},
    {"/", false, true, false, page::file, {}},
    {"/dashboard", true, true, false, page::file, ".js"},
};

/// Null if nothing is served there.
inline const route* find_route(std::string_view path) noexcept {
  for (const route& each : routes) {
    if (path == each.path || (each.is_prefix && path.substr(0, each.path.size()) == each.path)) return &each;
  }
  return nullptr;
}

}}}  // namespace wirthforge::net
