// The per-launch token: proof that a request comes from a program that the user gave it to. It travels as a subprotocol, which
// a browser's WebSocket can send, or as `Authorization: Bearer`; never in the address, a cookie or a log.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/cold.hpp"
#include "base/error.hpp"
#include "rfc6455/http_request.hpp"
#include "text/ascii.hpp"

namespace wirthforge { inline namespace WIRTHFORGE_ABI { namespace rfc6455 {

/// A browser offers `wirthforge.v1, wirthforge.token.<token>`; only the first is ever echoed.
constexpr std::string_view token_subprotocol_prefix = "wirthforge.token.";

/// 32 to 256 characters of an HTTP token, so that it fits both places: at least 192 random bits if they are base64.
WIRTHFORGE_COLD inline std::error_code check_token_syntax(std::string_view token) {
  constexpr std::size_t least = 32;
  constexpr std::size_t most = 256;
  if (token.size() < least || token.size() > most || !text::is_token(token)) return errc::option_out_of_range;
  return {};
}

/// Takes the same time for a wrong first character as for a wrong last one.
inline bool equals_in_constant_time(std::string_view secret, std::string_view guess) noexcept {
  unsigned difference = secret.size() == guess.size() ? 0U : 1U;
  for (std::size_t at = 0; at < guess.size(); ++at) {
    const char expected = secret.empty() ? '\0' : secret[at % secret.size()];
    difference |= static_cast<unsigned>(static_cast<unsigned char>(expected) ^ static_cast<unsigned char>(guess[at]));
  }
  return difference == 0;
}

/// `errc::token_missing` or `errc::token_wrong` when the request does not carry the token. Each place may carry one.
inline std::error_code check_token(const http_request& request, std::string_view token) {
  constexpr std::string_view scheme = "bearer ";
  std::optional<std::string_view> guess;
  std::size_t guesses = 0;
  for (const auto& field : request.fields) {
    if (!text::equals_ignoring_case(field.first, "authorization")) continue;
    const std::string_view value = field.second;
    if (!text::equals_ignoring_case(value.substr(0, scheme.size()), scheme)) continue;
    guess = text::trim(value.substr(scheme.size()));
    ++guesses;
  }
  request.each_listed("sec-websocket-protocol", [&](std::string_view offered) {
    if (offered.substr(0, token_subprotocol_prefix.size()) != token_subprotocol_prefix) return;
    guess = offered.substr(token_subprotocol_prefix.size());
    ++guesses;
  });
  if (guesses == 0) return errc::token_missing;
  return guesses == 1 && equals_in_constant_time(token, *guess) ? std::error_code{} : make_error_code(errc::token_wrong);
}

}}}  // namespace wirthforge::rfc6455
