// The opening handshake (RFC 6455 section 4), as a server and as a client: request and response heads in, verdicts and heads
// out. No extension is ever negotiated.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "rfc6455/http_request.hpp"
#include "rfc6455/http_response.hpp"
#include "text/base64.hpp"
#include "text/sha1.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace rfc6455 {

/// A server's reaction to an upgrade request.
struct upgrade {
  std::error_code error;    ///< Empty: answer 101.
  std::string accept;       ///< Sec-WebSocket-Accept.
  std::string subprotocol;  ///< The one to echo; may be empty.
  bool is_head = false;     ///< The request was a HEAD: its refusal has no body.
};

/// "Concatenating this value with the string 258EAFA5-E914-47DA-95CA-C5AB0DC85B11, taking the SHA-1 hash" (section 4.2.2).
inline std::string accept_for(std::string_view key) {
  constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::string both;
  both.reserve(key.size() + guid.size());
  const auto digest = text::sha1(both.append(key).append(guid));
  return text::base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

/// True when a request asks to become a WebSocket, well-formed or not.
inline bool is_upgrade_request(const http_request& request) noexcept {
  return request.count("upgrade") > 0 || request.count("sec-websocket-key") > 0;
}

namespace detail {

/// No error if the list in the fields of that name contains the token, in any case; `missing` if it does not.
inline std::error_code check_listed(const http_request& head, std::string_view name, std::string_view token, errc missing) {
  bool is_named = false;
  const bool is_list = head.each_listed(name, [&](std::string_view each) {
    is_named = is_named || text::equals_ignoring_case(each, token);
  });
  if (!is_list) return errc::head_malformed;
  return is_named ? std::error_code{} : make_error_code(missing);
}

/// The first subprotocol of the client's list that this server speaks. None is no fault, and neither is an empty list, which
/// some programs send when they have none to offer. An element that is no token is a fault.
inline std::error_code choose_subprotocol(const http_request& request, const std::vector<std::string>& spoken,
                                          std::string& chosen) {
  bool is_well_formed = true;
  const bool is_list = request.each_listed("sec-websocket-protocol", [&](std::string_view offered) {
    is_well_formed = is_well_formed && text::is_token(offered);
    const bool is_spoken = std::find(spoken.begin(), spoken.end(), offered) != spoken.end();
    if (chosen.empty() && is_spoken) chosen = offered;
  });
  return is_list && is_well_formed ? std::error_code{} : make_error_code(errc::subprotocol_malformed);
}

inline std::error_code check_key(const http_request& request) {
  const auto key = request.find("sec-websocket-key");
  if (!key) return errc::key_missing;
  if (request.count("sec-websocket-key") > 1) return errc::key_duplicate;
  const auto nonce = text::base64_decode(*key);
  return nonce && nonce->size() == 16 ? std::error_code{} : make_error_code(errc::key_malformed);
}

// A client names one version; only a server lists the versions that it speaks (section 4.3).
inline std::error_code check_version(const http_request& request) {
  const auto version = request.find("sec-websocket-version");
  if (!version) return errc::version_missing;
  const bool is_13 = *version == "13" && request.count("sec-websocket-version") == 1;
  return is_13 ? std::error_code{} : make_error_code(errc::version_unsupported);
}

inline std::error_code check_request(const http_request& request, const std::vector<std::string>& spoken, std::string& chosen) {
  if (request.method != "GET") return errc::method_not_allowed;
  if (request.minor_version < 1) return errc::http_version_unsupported;
  if (request.has_body()) return errc::body_not_allowed;
  if (const auto error = check_listed(request, "upgrade", "websocket", errc::upgrade_missing)) return error;
  if (const auto error = check_listed(request, "connection", "upgrade", errc::connection_upgrade_missing)) return error;
  if (const auto error = check_version(request)) return error;
  if (const auto error = check_key(request)) return error;
  return choose_subprotocol(request, spoken, chosen);
}

}  // namespace detail

/// Judges an upgrade request (section 4.2.1). `subprotocols` are those that this server speaks; the client need not offer any.
inline upgrade check_upgrade(const http_request& request, const std::vector<std::string>& subprotocols) {
  upgrade result;
  result.is_head = request.method == "HEAD";
  result.error = detail::check_request(request, subprotocols, result.subprotocol);
  if (!result.error) result.accept = accept_for(*request.find("sec-websocket-key"));
  return result;
}

/// The 101 head, or the refusal.
inline std::string upgrade_response(const upgrade& verdict) {
  if (verdict.error == errc::method_not_allowed) return refusal_response(verdict.error, "Allow: GET\r\n", verdict.is_head);
  if (verdict.error && status_for(verdict.error) == 426) {
    return refusal_response(verdict.error,
                            "Upgrade: websocket\r\nConnection: Upgrade, close\r\n"
                            "Sec-WebSocket-Version: 13\r\n");
  }
  if (verdict.error) return refusal_response(verdict.error);
  std::string out;
  out.reserve(192);
  out.append("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ");
  out.append(verdict.accept).append("\r\n");
  if (!verdict.subprotocol.empty()) out.append("Sec-WebSocket-Protocol: ").append(verdict.subprotocol).append("\r\n");
  return out.append("\r\n");
}

/// A client's request head (section 4.1). `key` is 16 random bytes in base64; `more_fields` are complete lines.
inline std::string upgrade_request(std::string_view host, std::string_view target, std::string_view key,
                                   const std::vector<std::string>& subprotocols = {}, std::string_view more_fields = {}) {
  std::string out = "GET ";
  out.append(target).append(" HTTP/1.1\r\nHost: ").append(host);
  out.append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
  out.append("Sec-WebSocket-Key: ").append(key);
  for (std::size_t n = 0; n < subprotocols.size(); ++n) {
    out += (n == 0 ? "\r\nSec-WebSocket-Protocol: " : ", ") + subprotocols[n];
  }
  return out.append("\r\n").append(more_fields).append("\r\n");
}

/// Judges a server's response head, blank line included (section 4.1, second list).
inline std::error_code check_upgrade_response(std::string_view head, std::string_view key,
                                              const std::vector<std::string>& offered = {}) {
  if (head.size() < 4 || head.substr(head.size() - 4) != "\r\n\r\n") return errc::head_malformed;
  http_request response;  // its fields have the same form as a request's
  const auto take_status = [](std::string_view line) -> std::error_code {
    if (line.substr(0, 9) != "HTTP/1.1 ") return errc::head_malformed;
    const bool is_101 = line.substr(9, 3) == "101" && (line.size() == 12 || line[12] == ' ');
    return is_101 ? std::error_code{} : make_error_code(errc::response_status);
  };
  const auto take_field = [&](std::string_view line) { return detail::parse_field(line, response.fields); };
  if (const auto error = detail::each_head_line(head.substr(0, head.size() - 4), take_status, take_field)) return error;
  std::size_t upgrades = 0;
  bool is_websocket = false;  // and no other protocol
  const bool is_list = response.each_listed("upgrade", [&](std::string_view each) {
    is_websocket = ++upgrades == 1 && text::equals_ignoring_case(each, "websocket");
  });
  if (!is_list || !is_websocket) return errc::response_upgrade;
  if (const auto error = detail::check_listed(response, "connection", "upgrade", errc::response_connection)) return error;
  const auto accept = response.find("sec-websocket-accept");
  if (!accept || response.count("sec-websocket-accept") > 1 || *accept != accept_for(key)) return errc::response_accept;
  bool has_extension = false;
  if (!response.each_listed("sec-websocket-extensions", [&](std::string_view) { has_extension = true; }) || has_extension) {
    return errc::response_extension;
  }
  const auto chosen = response.find("sec-websocket-protocol");
  if (!chosen) return {};
  const bool was_offered = std::find(offered.begin(), offered.end(), *chosen) != offered.end();
  if (!was_offered || response.count("sec-websocket-protocol") > 1) return errc::response_subprotocol;
  return {};
}

}}}  // namespace wirthforge::rfc6455
