// The address of a model server: on this machine only, without TLS. No name is resolved: `localhost` stands for both
// loopback addresses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "base/cold.hpp"
#include "base/error.hpp"
#include "base/version.hpp"
#include "text/ascii.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace model {

struct model_url {
  enum class address { v4, v6, both };  ///< 127.0.0.1, [::1], or one after the other.
  address where = address::v4;
  std::uint16_t port = 80;
  std::string host;          ///< For the Host field: as it was given, with the port unless that is 80.
  std::string target = "/";  ///< Path and query.
};

namespace detail {

WIRTHFORGE_COLD inline bool take_port(std::string_view digits, std::uint16_t& port) {
  std::uint32_t value = 0;
  if (digits.empty() || digits.size() > 5) return false;
  for (const char each : digits) {
    if (each < '0' || each > '9') return false;
    value = value * 10 + static_cast<std::uint32_t>(each - '0');
  }
  port = static_cast<std::uint16_t>(value);
  return value > 0 && value <= 0xFFFF;
}

}  // namespace detail

/// `http://127.0.0.1:8080/completion` and the like: no user, no fragment, only visible ASCII, 2048 bytes at most. Else
/// `errc::model_url_malformed`.
WIRTHFORGE_COLD inline std::error_code parse_model_url(std::string_view url, model_url& result) {
  constexpr std::string_view scheme = "http://";
  constexpr std::size_t max_bytes = 2048;
  const std::error_code malformed = errc::model_url_malformed;
  if (url.size() > max_bytes || !text::equals_ignoring_case(url.substr(0, scheme.size()), scheme)) return malformed;
  for (const char each : url) {
    if (each <= 0x20 || each >= 0x7F || each == '#') return malformed;
  }
  url.remove_prefix(scheme.size());
  const std::string_view authority = url.substr(0, url.find_first_of("/?"));
  const std::string_view target = url.substr(authority.size());
  model_url found;
  std::string_view rest = authority;
  struct name {
    std::string_view text;
    model_url::address where;
  };
  for (const name& each : {name{"127.0.0.1", model_url::address::v4}, name{"[::1]", model_url::address::v6},
                           name{"localhost", model_url::address::both}}) {
    if (!text::equals_ignoring_case(authority.substr(0, each.text.size()), each.text)) continue;
    found.where = each.where;
    rest = authority.substr(each.text.size());
    found.host = each.text;
    break;
  }
  if (found.host.empty()) return malformed;
  if (!rest.empty() && (rest[0] != ':' || !detail::take_port(rest.substr(1), found.port))) return malformed;
  if (found.port != 80) found.host.append(":").append(std::to_string(found.port));
  if (!target.empty()) found.target = target[0] == '?' ? "/" + std::string(target) : std::string(target);
  result = std::move(found);
  return {};
}

}}}  // namespace wirthforge::model
