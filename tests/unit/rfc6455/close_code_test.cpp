// Close codes: which may travel (RFC 6455 section 7.4), and the one that each error is told with.
#include <string>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace close_code_test {

using namespace wirthforge;
using rfc6455::close_code;
using rfc6455::close_code_for;
using rfc6455::may_be_sent;

TEST_CASE("of all 65536 close codes only the registered and the private ones may travel", "[rfc6455][7.4]") {
  for (unsigned code = 0; code <= 65535; ++code) {
    const bool is_registered = code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
    const bool is_private = code >= 3000 && code <= 4999;
    if (may_be_sent(static_cast<std::uint16_t>(code)) != (is_registered || is_private)) FAIL_CHECK("code " << code);
  }
}

TEST_CASE("every error has a close code that may travel and is not 1000", "[rfc6455][7.4]") {
  int count = 0;
  for (int value = 1; make_error_code(static_cast<errc>(value)).message() != "unknown error"; ++value, ++count) {
    const errc error = static_cast<errc>(value);
    INFO(make_error_code(error).message());
    if (error == errc::closed_abnormally) {
      CHECK(close_code_for(error) == close_code::abnormal_closure);  // no peer is left to be told
      continue;
    }
    CHECK(may_be_sent(static_cast<std::uint16_t>(close_code_for(error))));
    CHECK(close_code_for(error) != close_code::normal);
    CHECK(make_error_code(error).message().size() <= 123);  // it is the reason in the close frame
  }
  CHECK(count > 60);
}

TEST_CASE("a close code tells the fault", "[rfc6455][7.4.1]") {
  for (const errc error :
       {errc::frame_unmasked, errc::frame_masked, errc::reserved_bits, errc::opcode_unknown, errc::control_fragmented,
        errc::control_too_big, errc::length_not_minimal, errc::length_high_bit, errc::continuation_unexpected,
        errc::continuation_expected, errc::close_payload_size, errc::close_code_invalid}) {
    CHECK(close_code_for(error) == close_code::protocol_error);
  }
  CHECK(close_code_for(errc::utf8_invalid) == close_code::invalid_payload);
  CHECK(close_code_for(errc::close_reason_utf8) == close_code::invalid_payload);
  CHECK(close_code_for(errc::message_too_big) == close_code::message_too_big);
  CHECK(close_code_for(errc::binary_not_accepted) == close_code::unsupported_data);
  CHECK(close_code_for(errc::too_many_messages) == close_code::policy_violation);
  CHECK(close_code_for(errc::too_many_fragments) == close_code::policy_violation);
  CHECK(close_code_for(errc::token_wrong) == close_code::policy_violation);
  CHECK(close_code_for(errc::lagged) == close_code::try_again_later);
  CHECK(close_code_for(errc::too_many_connections) == close_code::try_again_later);
  CHECK(close_code_for(errc::server_stopped) == close_code::going_away);
  CHECK(close_code_for(errc::pong_timeout) == close_code::internal_error);
}

}  // namespace close_code_test
