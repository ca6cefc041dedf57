// The gate before all routing: decides which requests may reach this server at all. Every page in the user's browser can reach
// loopback, so a page is an attacker until its origin is invited, and a name that is not literally ours is an attack by DNS.
//
// Host and Origin are compared as bytes, letters without case, and never parsed: every host parser that guarded a local
// port has been deceived at some time. The port in a Host only has to be a valid port. A refused Host is answered
// 403, not 421: that would ask the client to try once more.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/cold.hpp"
#include "base/concat.hpp"
#include "base/error.hpp"
#include "rfc6455/http_request.hpp"
#include "rfc6455/http_response.hpp"
#include "rfc6455/origin.hpp"
#include "rfc6455/origin_list.hpp"
#include "rfc6455/token.hpp"
#include "text/ascii.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace rfc6455 {

struct access_policy {
  std::uint16_t port = 0;  ///< The bound port.
  /// The invited origins, beside our own. Never null.
  std::shared_ptr<origin_list> allowed_origins = std::make_shared<origin_list>();
  /// Asked about an origin that is neither ours nor in the list, and that a browser may send; may be empty.
  std::function<bool(std::string_view)> decides;
  std::string token;                ///< Empty: none is asked for. It passed `check_token_syntax`.
  bool allows_null_origin = false;  ///< Origin null or file:// is admitted with the token, and only with it.
};

struct access_verdict {
  std::error_code error;     ///< Empty: admit it.
  bool needs_token = false;  ///< Admit it only with the token, whatever the path.
  int status = 200;
  /// The origin of the requesting page, if it differs from the requested one, so that a browser lets the page read only
  /// answers that name it (CORS). A view into the request; empty if there is none.
  std::string_view reader;
  std::string peer_reason;  ///< For the peer: plain, without any text that it sent.
  std::string log_line;     ///< For the log: the refused value, made printable, and what would permit it.
  explicit operator bool() const noexcept { return !error; }
};

namespace detail {

/// The rest of a Host after one of the three names of this machine's loopback: empty, or a colon and a port of 1...65535. No
/// value for another host. A page does not choose its Host, and a name that was bound to this machine is none of the three; so
/// the port may be any: that of a forwarder (`ssh -L`) in front of us.
inline std::optional<std::string_view> port_of_loopback(std::string_view host) noexcept {
  for (const std::string_view name : loopback_names) {
    if (!text::equals_ignoring_case(host.substr(0, name.size()), name)) continue;
    const std::string_view rest = host.substr(name.size());
    if (rest.empty()) return rest;  // port 80, the one that clients leave out
    std::uint16_t port = 0;
    const char* const end = rest.data() + rest.size();
    const bool may_be_port = rest[0] == ':' && rest.size() > 1 && rest[1] >= '1' && rest[1] <= '9';
    if (may_be_port && std::from_chars(rest.data() + 1, end, port).ptr == end && port != 0) return rest;
  }
  return std::nullopt;
}

/// True for a Host that reaches us without a forwarder.
inline bool is_bound_host(std::string_view host, std::uint16_t port) noexcept {
  const auto found = port_of_loopback(host);
  if (!found) return false;
  char number[8] = {':'};
  const char* const end = std::to_chars(number + 1, number + sizeof number, port).ptr;
  return *found == std::string_view(number, static_cast<std::size_t>(end - number)) || (port == 80 && found->empty());
}

/// True for the page's origin if it is the server's own: the request goes to the page's own origin, or both names are ours.
inline bool is_own_origin(std::string_view origin, std::string_view host, std::uint16_t port) noexcept {
  constexpr std::string_view scheme = "http://";
  if (origin.substr(0, scheme.size()) != scheme) return false;
  const std::string_view rest = origin.substr(scheme.size());
  return text::equals_ignoring_case(rest, host) || (is_bound_host(host, port) && is_bound_host(rest, port));
}

WIRTHFORGE_COLD inline bool is_invited(std::string_view origin, const access_policy& policy) {
  if (policy.allowed_origins->contains(origin)) return true;
  return policy.decides && !check_origin_syntax(origin) && policy.decides(origin);
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

/// The text for the log about an origin that is not invited: the option that would invite it, or why none would.
WIRTHFORGE_COLD inline std::string advice_for(std::string_view origin) {
  const std::string shown = concat({"Origin '", text::printable(origin), "' is not "});
  const char* const fault = read_origin(origin).fault;
  if (fault == nullptr && !is_web_origin(origin)) {
    return shown + "invited; server_options::allowed_origins and server_options::token would permit it with the token";
  }
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

/// Checks a request before any other code reads it. `check_token` checks the token for paths that are not public.
inline access_verdict check_access(const http_request& request, const access_policy& policy) {
  using detail::nothing_permits_it;
  using detail::refuse;
  const auto host = request.find("host");
  if (!host) return refuse(errc::host_missing, "no Host", nothing_permits_it);
  if (request.count("host") > 1) return refuse(errc::host_duplicate, "more than one Host", nothing_permits_it);
  if (!detail::port_of_loopback(*host)) {
    return refuse(errc::host_forbidden, concat({"Host '", text::printable(*host),
                                                "' is not 127.0.0.1, [::1] or localhost with a port", nothing_permits_it}));
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
                  concat({"Origin ", *origin,
                          " (a file, a sandboxed frame or a page inside an application) is not invited; "
                          "server_options::allow_null_origin and server_options::token would permit it with the token, or "
                          "serve the page from an invited origin"}));
  }
  access_verdict verdict;
  if (detail::is_own_origin(*origin, *host, policy.port)) {
    const bool is_same = text::equals_ignoring_case(origin->substr(std::string_view("http://").size()), *host);
    if (!is_same) verdict.reader = *origin;
    return verdict;
  }
  verdict.needs_token = !is_web_origin(*origin);
  const bool may_come = !(verdict.needs_token && policy.token.empty()) && detail::is_invited(*origin, policy);
  if (!may_come) return refuse(errc::origin_forbidden, detail::advice_for(*origin));
  verdict.reader = *origin;
  return verdict;
}

/// True only for the request that a browser sends before a GET or HEAD with an Authorization field to another origin.
WIRTHFORGE_COLD inline bool is_preflight(const http_request& request) {
  const auto method = request.find("access-control-request-method");
  bool names_only_authorization = request.count("access-control-request-headers") == 1;
  const bool is_list = request.each_listed("access-control-request-headers", [&](std::string_view each) {
    names_only_authorization = names_only_authorization && text::equals_ignoring_case(each, "authorization");
  });
  return request.method == "OPTIONS" && (method == "GET" || method == "HEAD") &&
         request.count("access-control-request-method") == 1 && is_list && names_only_authorization;
}

}}}  // namespace wirthforge::rfc6455
