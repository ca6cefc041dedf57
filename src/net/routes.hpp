// What is served over HTTP, in one table. A path that is not in it is 404; one that is not marked public needs the token, where
// one is set; one that is not marked shared is read by no page of another origin, invited or not. The tests try each row.
#pragma once

#include <string_view>

#include "base/version.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace net {

/// What is answered.
enum class page { websocket, health, metrics_text, metrics_json, schema, file };

struct route {
  std::string_view path;     ///< The whole path, or with `is_prefix` what it begins with.
  bool is_prefix;
  bool is_public;            ///< No data: anybody on this machine may see it without the token.
  bool is_shared;            ///< A page of an invited origin may read it (docs/protocol.md#http).
  page what;
  std::string_view rest;  ///< For the tests: what stands behind `path` where something is served.
};

/// The methods of every row. A preflight (OPTIONS) is answered for what is shared, where a token is set.
inline bool is_allowed(std::string_view method) noexcept { return method == "GET" || method == "HEAD"; }

inline constexpr route routes[] = {
    {"/ws", false, false, true, page::websocket, {}},  // over HTTP it says why nobody may connect, or that it is a WebSocket
    {"/health", false, true, true, page::health, {}},
    {"/decipher/status", false, true, false, page::health, {}},
    {"/metrics", false, false, true, page::metrics_text, {}},
    {"/api/metrics", false, false, false, page::metrics_json, {}},
    {"/schemas/", true, true, true, page::schema, "heartbeat.schema.json"},
    {"/wirthforge.js", false, true, true, page::file, {}},
    {"/", false, true, false, page::file, {}},
    {"/dashboard", true, true, false, page::file, ".js"},
};

/// Null where nothing is served.
inline const route* find_route(std::string_view path) noexcept {
  for (const route& each : routes) {
    if (path == each.path || (each.is_prefix && path.substr(0, each.path.size()) == each.path)) return &each;
  }
  return nullptr;
}

}}}  // namespace wirthforge::net
