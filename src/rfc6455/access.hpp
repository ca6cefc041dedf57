// The gate before all routing: which requests may reach this server at all. Every page in the user's browser can reach
// loopback, so a page is an attacker until its origin is invited, and a name that is not literally ours is an attack by DNS.
//
// Host and Origin are compared as bytes, letters without case, and never parsed: every parser of hosts that guarded a local
// port was fooled in turn. A refused Host is told 403, not 421: that would ask the client to try once more.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/error.hpp"
#include "rfc6455/http_request.hpp"
#include "rfc6455/http_response.hpp"
#include "rfc6455/origin.hpp"
#include "rfc6455/token.hpp"
#include "text/ascii.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace rfc6455 {

struct access_policy {
  std::uint16_t port = 0;                    ///< The bound port.
  std::vector<std::string> allowed_origins;  ///< Beside our own; each passed `check_origin_syntax`.
  std::string token;                         ///< Empty: none is asked for. It passed `check_token_syntax`.
  bool allows_null_origin = false;           ///< Origin null or file:// comes in with the token, and only with it.
};

struct access_verdict {
  std::error_code error;    ///< Empty: let it in.
  bool needs_token = false;  ///< Let it in with the token alone, whatever it asks for.
  int status = 200;
  std::string peer_reason;  ///< For the peer: plain, and nothing of what it sent.
  std::string log_line;     ///< For the log: the refused value, made printable, and what would permit it.
  explicit operator bool() const noexcept { return !error; }
};

namespace detail {

/// One of the three names of this machine's loopback with the port behind it, as they stand in a Host field.
inline bool is_own_host(std::string_view host, std::uint16_t port) noexcept {
  char number[8] = {':'};
  const char* const end = std::to_chars(number + 1, number + sizeof number, port).ptr;
  const std::string_view suffix(number, static_cast<std::size_t>(end - number));
  for (const std::string_view name : {std::string_view("127.0.0.1"), std::string_view("[::1]"), std::string_view("localhost")}) {
    if (!text::equals_ignoring_case(host.substr(0, name.size()), name)) continue;
    const std::string_view rest = host.substr(name.size());
    if (rest == suffix || (port == 80 && rest.empty())) return true;  // port 80 is the one that clients leave out
  }
  return false;
}

inline bool is_invited(std::string_view origin, const access_policy& policy) {
  constexpr std::string_view scheme = "http://";
  if (origin.substr(0, scheme.size()) == scheme && is_own_host(origin.substr(scheme.size()), policy.port)) return true;
  return std::find(policy.allowed_origins.begin(), policy.allowed_origins.end(), origin) != policy.allowed_origins.end();
}

/// True when a browser says that a page of another site loads us as its image, script, frame or by `fetch` without CORS,
/// none of which send an Origin. Browsers say so in fields that pages cannot set (Fetch Metadata). A person who follows a
/// link or types the address navigates a whole tab, which is harmless: nothing is reflected or changed.
inline bool is_foreign_load(const http_request& request) noexcept {
  const auto is = [&request](std::string_view name, std::string_view value) { return request.find(name) == value; };
  const auto site = request.find("sec-fetch-site");
  if (!site || *site == "same-origin" || *site == "none") return false;
  const bool is_tab = !request.find("sec-fetch-dest") || is("sec-fetch-dest", "document");
  return !(is("sec-fetch-mode", "navigate") && is_tab);
}

constexpr const char* nothing_permits_it = "; no option permits it";

/// What the log is told of an origin that is not invited: the option that would invite it, or why none would.
WIRTHFORGE_COLD inline std::string advice_for(std::string_view origin) {
  const std::string shown = concat({"Origin '", text::printable(origin), "' is not "});
  const char* const fault = read_origin(origin).fault;
  if (fault == nullptr) return shown + "invited; server_options::allowed_origins would permit it";
  return concat({shown, "one that a browser sends (", fault, ")", nothing_permits_it});
}

WIRTHFORGE_COLD inline access_verdict refuse(errc error, std::string_view log_line) {
  access_verdict verdict;
  verdict.error = error;
  verdict.status = status_for(error);
  verdict.peer_reason = verdict.error.message();
  verdict.log_line = concat({"refused a request: ", log_line});
  return verdict;
}
WIRTHFORGE_COLD inline access_verdict refuse(errc error, const char* what, const char* why) {
  return refuse(error, concat({what, why}));
}

}  // namespace detail

/// Judges a request before anything else looks at it. The token of what is not public is judged by `check_token`.
inline access_verdict check_access(const http_request& request, const access_policy& policy) {
  using detail::nothing_permits_it;
  using detail::refuse;
  const auto host = request.find("host");
  if (!host) return refuse(errc::host_missing, "no Host", nothing_permits_it);
  if (request.count("host") > 1) return refuse(errc::host_duplicate, "more than one Host", nothing_permits_it);
  if (!detail::is_own_host(*host, policy.port)) {
    return refuse(errc::host_forbidden,
                  concat({"Host '", text::printable(*host), "' is not 127.0.0.1, [::1] or localhost with port ",
                          std::to_string(policy.port), nothing_permits_it}));
  }
  if (request.has_body()) return refuse(errc::body_not_allowed, "it announces a body", nothing_permits_it);
  const auto origin = request.find("origin");
  if (!origin) {
    if (!detail::is_foreign_load(request)) return {};
    return refuse(errc::origin_forbidden, "a page of another site loads it without an Origin", nothing_permits_it);
  }
  if (request.count("origin") > 1) return refuse(errc::origin_duplicate, "more than one Origin", nothing_permits_it);
  if (is_opaque_origin(*origin)) {
    access_verdict with_token;
    with_token.needs_token = true;
    if (policy.allows_null_origin && !policy.token.empty()) return with_token;
    return refuse(errc::origin_null,
                  concat({"Origin ", *origin, " (a file, a sandboxed frame or a page inside an application) is not invited; "
                          "server_options::allow_null_origin and server_options::token would permit it with the token, or "
                          "serve the page from an invited origin"}));
  }
  if (!detail::is_invited(*origin, policy)) return refuse(errc::origin_forbidden, detail::advice_for(*origin));
  return {};
}

}}}  // namespace wirthforge::rfc6455
