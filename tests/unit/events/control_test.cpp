// Messages of clients: the valid ones, and everything else that a page may send by mistake or on purpose.
#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "wirthforge_ws.hpp"

namespace control_test {

using namespace wirthforge;

namespace {

std::error_code error_of(std::string_view text) {
  control_message message;
  return read_control(text, message);
}
const std::error_code malformed = errc::control_message_malformed;
const std::error_code unknown = errc::control_message_unknown;

}  // namespace

TEST_CASE("a heartbeat_response is understood with whatever older clients put into it", "[events][control]") {
  for (const char* text :
       {R"({"type":"heartbeat_response"})",
        R"({"type":"heartbeat_response","channel":"system","timestamp":1700000000000,"payload":{"sequence":5}})",
        R"({"type":"heartbeat_response","timestamp":17.5,"payload":{"sequence":5,"paint":3.2,"more":[]}})",
        R"({"type":"heartbeat_response","timestamp":"2026-01-01","payload":null,"extra":true})",
        " {\"type\" : \"heartbeat\\u005fresponse\"}\n"}) {
    INFO(text);
    control_message message = subscribe{};
    CHECK_FALSE(read_control(text, message));
    CHECK(std::holds_alternative<heartbeat_response>(message));
  }
}

TEST_CASE("subscribe names channels", "[events][control]") {
  control_message message;
  REQUIRE_FALSE(read_control(R"({"type":"subscribe","payload":{"channels":["energy","system","reward","energy"]}})", message));
  CHECK(std::get<subscribe>(message).channels ==
        std::vector<channel>{channel::energy, channel::system, channel::reward, channel::energy});
  REQUIRE_FALSE(read_control(R"({"type":"subscribe","payload":{"channels":[]}})", message));
  CHECK(std::get<subscribe>(message).channels.empty());
}

TEST_CASE("a subscribe that breaks its schema is malformed, and leaves the message alone", "[events][control]") {
  for (const char* text :
       {R"({"type":"subscribe"})", R"({"type":"subscribe","payload":{}})", R"({"type":"subscribe","payload":[]})",
        R"({"type":"subscribe","payload":{"channels":"energy"}})", R"({"type":"subscribe","payload":{"channels":["all"]}})",
        R"({"type":"subscribe","payload":{"channels":[1]}})", R"({"type":"subscribe","channels":["energy"]})"}) {
    INFO(text);
    control_message message = subscribe{{channel::council}};
    CHECK(read_control(text, message) == malformed);
    CHECK(std::get<subscribe>(message).channels.size() == 1);
  }
}

TEST_CASE("an object of another type is unknown", "[events][control]") {
  for (const char* text :
       {"{}", R"({"type":"prompt","text":"secret"})", R"({"type":null})", R"({"type":1})", R"({"type":["subscribe"]})",
        R"({"type":"Subscribe"})", R"({"type":""})", R"({"type":"heartbeat"})"}) {
    INFO(text);
    CHECK(error_of(text) == unknown);
  }
}

TEST_CASE("a message that is no JSON object is malformed", "[events][control]") {
  for (const char* text :
       {"", " ", "5", "null", "[1]", "\"subscribe\"", "hello", "{", "{]", "{\"type\":\"subscribe\"",
        "{\"type\":\"subscribe\"}}", "\xef\xbb\xbf{}", "{\"a\":\"\xff\"}", R"({"type":"heartbeat_response","a":"\ud800"})"}) {
    INFO(text);
    CHECK(error_of(text) == malformed);
  }
  CHECK(error_of(std::string("{\"type\":\"heartbeat_response\"}\0", 30)) == malformed);
}

TEST_CASE("megabytes and deep nesting give an error, not a crash", "[events][control]") {
  const std::string deep(1 << 20, '[');
  CHECK(error_of(deep) == malformed);
  CHECK(error_of(deep + std::string(deep.size(), ']')) == malformed);
  CHECK(error_of(R"({"type":"prompt","a":)" + deep + std::string(deep.size(), ']') + "}") == unknown);
  CHECK(error_of(R"({"type":"subscribe","payload":{"channels":)" + deep + std::string(deep.size(), ']') + "}}") == malformed);
  std::string objects;
  for (int count = 0; count < 100000; ++count) objects += "{\"a\":";
  CHECK(error_of(objects) == malformed);
  CHECK(error_of("\"" + std::string(4 << 20, 'a') + "\"") == malformed);
}

TEST_CASE("reading random bytes and damaged messages never throws", "[events][control]") {
  std::mt19937 random(7);
  const std::string good = R"({"type":"subscribe","payload":{"channels":["energy","reward"]}})";
  for (int count = 0; count < 20000; ++count) {
    std::string text = good;
    for (unsigned changes = random() % 4; changes < 4; ++changes) text[random() % text.size()] = static_cast<char>(random());
    control_message message;
    const std::error_code error = read_control(text, message);
    CHECK((!error || error == condition::peer_fault));
  }
}

}  // namespace control_test
