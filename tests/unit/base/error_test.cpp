// Errors: every value has a message, and belongs to at least one group.
#include <set>
#include <string>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace error_test {

using namespace wirthforge;

TEST_CASE("every error has its own message and at least one group", "[base][error]") {
  std::set<std::string> messages;
  int count = 0;
  for (int value = 1; make_error_code(static_cast<errc>(value)).message() != "unknown error"; ++value, ++count) {
    const std::error_code error = static_cast<errc>(value);
    CAPTURE(value, error.message());
    CHECK(messages.insert(error.message()).second);
    CHECK((error == condition::peer_fault || error == condition::caller_fault || error == condition::environment_fault));
  }
  CHECK(count == static_cast<int>(detail::error_count));
}

TEST_CASE("the groups tell the side at fault", "[base][error]") {
  CHECK(make_error_code(errc::frame_unmasked) == condition::peer_fault);
  CHECK(make_error_code(errc::origin_forbidden) == condition::access_denied);
  CHECK(make_error_code(errc::schema_violation) == condition::caller_fault);
  CHECK(make_error_code(errc::schema_violation) != condition::peer_fault);
  CHECK(make_error_code(errc::port_in_use) == condition::environment_fault);
  CHECK(make_error_code(errc::port_in_use) != condition::caller_fault);
  CHECK(std::error_code(5, std::generic_category()) != condition::peer_fault);
}

TEST_CASE("errors and their groups can be printed", "[base][error]") {
  CHECK(std::string(make_error_code(errc::port_in_use).category().name()) == "wirthforge");
  const std::error_condition group = make_error_condition(condition::access_denied);
  CHECK(std::string(group.category().name()) == "wirthforge.condition");
  CHECK(group.message() == "access denied");
  CHECK(make_error_condition(condition::peer_fault).message() == "the peer's fault");
  CHECK(make_error_condition(condition::caller_fault).message() == "the caller's fault");
  CHECK(make_error_condition(condition::environment_fault).message() == "the environment's fault");
  CHECK(std::error_condition(99, group.category()).message() == "unknown condition");
}

TEST_CASE("log levels have names", "[base][log]") {
  CHECK(std::string(to_string(log_level::debug)) == "debug");
  CHECK(std::string(to_string(log_level::info)) == "info");
  CHECK(std::string(to_string(log_level::warning)) == "warning");
  CHECK(std::string(to_string(log_level::error)) == "error");
  CHECK(std::string(to_string(static_cast<log_level>(9))) == "unknown");
}

TEST_CASE("an explanation names the value and the limit", "[base][error]") {
  CHECK(explain(errc::message_too_big, 70000, "bytes", 65536) == "message too big: 70000 bytes, limit 65536");
}

}  // namespace error_test
