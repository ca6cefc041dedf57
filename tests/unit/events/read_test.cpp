// Reading events from JSON: the verdicts of a Draft-07 validator, values that C++ cannot hold, and texts that are no JSON.
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "catch.hpp"
#include "support/rounds.hpp"
#include "wirthforge_ws.hpp"

namespace read_test {

using namespace wirthforge;
using nlohmann::json;

namespace {

json beat(const char* sequence) {
  return json::parse(std::string(R"({"type":"heartbeat","channel":"system","timestamp":1,"payload":{"sequence":)") + sequence +
                     R"(,"serverTime":2}})");
}
std::string verdict(const json& value, event_type type = event_type::heartbeat) {
  const auto bad = check_json(type, value);
  return bad ? bad->message() : "valid";
}
std::string rule_of(std::string_view text) {
  any_event event;
  envelope outer;
  const auto bad = read_event(text, event, outer);
  return bad ? bad->pointer + " " + bad->rule : "valid";
}

}  // namespace

TEST_CASE("an integer is a number without a fraction, however it is written", "[events][json][draft07]") {
  for (const char* good : {"0", "1.0", "1e3", "10e-1", "-0", "-0.0", "9007199254740993", "18446744073709551615", "1e300"}) {
    INFO(good);
    CHECK(verdict(beat(good)) == "valid");
  }
  CHECK(verdict(beat("1.5")) == "/payload/sequence violates type: 1.5, limit integer");
  CHECK(verdict(beat("-1")) == "/payload/sequence violates minimum: -1, limit 0");
  CHECK(verdict(beat("-1e3")) == "/payload/sequence violates minimum: -1000, limit 0");
  CHECK(verdict(beat("true")) == "/payload/sequence violates type: boolean, limit integer");
  CHECK(verdict(beat("\"1\"")) == "/payload/sequence violates type: string, limit integer");
}

TEST_CASE("a valid integer that does not fit is not representable", "[events][json]") {
  heartbeat event{7, 7};
  envelope outer{7, 7};
  CHECK_FALSE(read(beat("9223372036854775807"), event, outer));
  CHECK(event.sequence == INT64_MAX);
  CHECK_FALSE(read(beat("9.0e3"), event, outer));
  CHECK(event.sequence == 9000);
  for (const char* big : {"9223372036854775808", "9223372036854775808.0", "18446744073709551615", "1e19", "1e300"}) {
    INFO(big);
    const auto bad = read(beat(big), event, outer);
    REQUIRE(bad);
    CHECK(bad->pointer == "/payload/sequence");
    CHECK(bad->rule == "representable");
  }
  CHECK(event.sequence == 9000);  // not written where there is a violation
  CHECK(outer.timestamp == 1);
}

TEST_CASE("violations of JSON name the fault without quoting text", "[events][json][violation]") {
  json value = beat("1");
  value["payload"]["extra"] = "secret";
  CHECK(verdict(value) == "/payload violates additionalProperties: \"extra\", limit no other members");
  value = beat("1");
  value["payload"].erase("sequence");
  CHECK(verdict(value) == "/payload/sequence violates required: nothing, limit must be there");
  value = beat("1");
  value["type"] = "heartbeats";
  CHECK(verdict(value) == "/type violates const: \"heartbeats\", limit \"heartbeat\"");
  CHECK(verdict(json::array()) == "the text violates type: array, limit object");
  value = json::parse(R"({"type":"token_stream","channel":"experience","timestamp":1,
                          "payload":{"tokens":"secret","isComplete":true,"sessionId":"s","modelId":"m"}})");
  CHECK(verdict(value, event_type::token_stream) == "/payload/tokens violates type: string, limit array");
}

TEST_CASE("read_event tells the events apart by their type", "[events][json]") {
  any_event event;
  envelope outer;
  REQUIRE_FALSE(read_event(R"({"payload":{"serverTime":2,"sequence":3},"timestamp":5e0,"channel":"system","type":"heartbeat"})",
                           event, outer));
  CHECK(std::get<heartbeat>(event).sequence == 3);
  CHECK(std::get<heartbeat>(event).server_time == 2);
  CHECK_FALSE(std::get<heartbeat>(event).frame_rate);
  CHECK(outer.timestamp == 5);
  CHECK(rule_of("{}") == "/type required");
  CHECK(rule_of(R"({"type":1})") == "/type enum");
  CHECK(rule_of(R"({"type":"prompt"})") == "/type enum");
  CHECK(rule_of(R"({"type":"heartbeat"})") == "/channel required");
  CHECK(rule_of("[]") == " type");
  CHECK(rule_of("null") == " type");
}

TEST_CASE("a text that is no JSON is refused, and nothing is thrown", "[events][json][rfc8259]") {
  const std::string good = beat("1").dump();
  CHECK(rule_of(good) == "valid");
  CHECK(rule_of(" \t" + good + "\n") == "valid");
  for (std::size_t size = 0; size < good.size(); ++size) CHECK(rule_of(good.substr(0, size)) == " json");
  CHECK(rule_of(good + "x") == " json");
  CHECK(rule_of(good + "{}") == " json");
  CHECK(rule_of(good + std::string(1, '\0')) == " json");
  CHECK(rule_of(good + std::string("\0trailing", 9)) == " json");
  CHECK(rule_of("\xef\xbb\xbf" + good) == " json");
  CHECK(rule_of("{'a':1}") == " json");
  CHECK(rule_of("{\"a\":1,}") == " json");
  CHECK(rule_of("[NaN]") == " json");
  CHECK(rule_of("[1e400]") == " json");
  CHECK(rule_of("[01]") == " json");
  CHECK(rule_of("[\"a\nb\"]") == " json");
  CHECK(rule_of("[\"\xff\"]") == " json");
  CHECK(rule_of("[\"\xed\xa0\x80\"]") == " json");
  CHECK(rule_of(R"(["\ud800"])") == " json");
  CHECK(rule_of(R"(["\udc00\ud800"])") == " json");
  CHECK(rule_of(R"(["\ud83d\ude00"])") == " type");
}

TEST_CASE("deep nesting does not overflow the stack and is not kept in details", "[events][json]") {
  const auto nested = [](std::size_t levels) {
    return R"({"type":"error_event","channel":"system","timestamp":1,"payload":{"severity":"info","code":"A","message":"",)"
           R"("component":"ui","details":{"a":)" +
           std::string(levels, '[') + std::string(levels, ']') + "}}}";
  };
  CHECK(rule_of(nested(0).replace(nested(0).find("\"a\":"), 4, "")) == "valid");
  CHECK(rule_of(nested(255)) == "valid");
  CHECK(rule_of(nested(256)) == "/payload/details representable");
  const std::size_t deep = test::is_sanitized ? 100'000 : 1'000'000;  // a sanitizer's stack frames are larger
  CHECK(rule_of(nested(deep)) == "/payload/details representable");
  CHECK(rule_of(std::string(deep, '[')) == " json");
}

TEST_CASE("when a member occurs twice, the last one counts", "[events][json]") {
  any_event event;
  envelope outer;
  REQUIRE_FALSE(read_event(
      R"({"type":"x","type":"heartbeat","channel":"system","timestamp":1,"payload":{"sequence":-1,"sequence":4,"serverTime":2}})",
      event, outer));
  CHECK(std::get<heartbeat>(event).sequence == 4);
}

}  // namespace read_test
